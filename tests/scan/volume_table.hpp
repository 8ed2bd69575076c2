#pragma once
/// What the tables of NIfTI, MetaImage and NRRD share: one small CT whose voxels all differ, and what must be read of
/// it.
#include <array>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "tests/scan/table.hpp"

namespace pleura::scan::test {

inline constexpr std::array<std::int64_t, 3> table_size{10, 11, 12};  ///< columns, rows, slices of the file

/// The n-th voxel of the file: by turns air and tissue, no two alike.
inline std::int16_t table_voxel(std::int64_t n) {
  return static_cast<std::int16_t>(n % 2 == 0 ? -150 + n / 2 : -1000 + n / 2);
}

inline std::int64_t table_voxels() { return table_size[0] * table_size[1] * table_size[2]; }

/// All voxels as bytes of one number type, in this machine's byte order or the other.
template <typename Value>
std::string table_bytes(bool swap = false, double slope = 1, double intercept = 0) {
  std::string bytes;
  for (std::int64_t n = 0; n < table_voxels(); ++n) {
    const auto value = static_cast<Value>((table_voxel(n) - intercept) / slope);
    std::string raw(reinterpret_cast<const char*>(&value), sizeof(value));
    if (swap) std::reverse(raw.begin(), raw.end());
    bytes += raw;
  }
  return bytes;
}

/// What must be read of it.
struct TableCt {
  std::string format = {};
  std::string code = "LPS";                  ///< where columns, rows and slices of the file run to
  std::array<double, 3> mm{0.5, 0.75, 2.5};  ///< along columns, rows and slices of the file
  Point3 origin{-5, -6, -70};                ///< of the volume as turned
  std::int64_t files = 1;
  double within = 1e-4;
};

/// Checks geometry, voxels and provenance, each worked out from the letters: volume axis z, y, x is the file's axis
/// whose letter is S or I, P or A, L or R, read backwards for I, A and R.
inline std::function<void(const Read&)> reads(const TableCt& expected) {
  return [expected](const Read& read) {
    const auto& [geometry, hu, provenance] = read.volume;
    std::array<std::size_t, 3> axis{};  // of the file (0: column), by volume axis z, y, x
    std::array<bool, 3> flip{};
    constexpr std::array<const char*, 3> letters{"SI", "PA", "LR"};
    for (std::size_t a = 0; a < 3; ++a) {
      axis[a] = expected.code.find_first_of(letters[a]);
      flip[a] = expected.code[axis[a]] == letters[a][1];
    }
    for (std::size_t a = 0; a < 3; ++a) {
      ASSERT_EQ(geometry.shape[a], table_size[axis[a]]);
      EXPECT_NEAR(geometry.spacing[a], expected.mm[axis[a]], expected.within);
      EXPECT_NEAR(geometry.origin[a], expected.origin[a], expected.within);
    }
    std::array<std::int64_t, 3> at{};  // column, row, slice of the file
    std::size_t next = 0, wrong = 0;
    const auto place = [&](std::size_t a, std::int64_t index) {
      at[axis[a]] = flip[a] ? geometry.shape[a] - 1 - index : index;
    };
    for (std::int64_t z = 0; z < geometry.shape[0]; ++z)
      for (std::int64_t y = 0; y < geometry.shape[1]; ++y)
        for (std::int64_t x = 0; x < geometry.shape[2]; ++x) {
          place(0, z), place(1, y), place(2, x);
          const auto n = (at[2] * table_size[1] + at[1]) * table_size[0] + at[0];
          wrong += hu[next++] == table_voxel(n) ? 0 : 1;
        }
    EXPECT_EQ(wrong, 0U);
    ASSERT_TRUE(provenance);
    EXPECT_EQ(provenance->format, expected.format);
    EXPECT_EQ(provenance->files, expected.files);
    EXPECT_EQ(provenance->file_flip, flip);
    for (std::size_t a = 0; a < 3; ++a) EXPECT_EQ(provenance->file_axis[a], 2 - static_cast<int>(axis[a]));
  };
}

inline void save(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

}  // namespace pleura::scan::test
