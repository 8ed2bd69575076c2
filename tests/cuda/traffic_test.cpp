// What goes between host and device: a CT up once, its regions down. On the emulator, which counts.
#include <cuda_emulator.h>
#include <gtest/gtest.h>

#include "tiny_engine.hpp"

namespace pleura::test {
namespace {

constexpr std::uint64_t least_bytes = 10'000;  ///< down, of a CT
constexpr std::uint64_t of_tables =
    60'000;  ///< up, beside its voxels: taps of the grid's axes and of 8 regions' patches

emulator::Counts counts_of(Engine& engine, const Volume& volume) {
  const emulator::Counts before = emulator::counts();
  EXPECT_EQ(TinyCase::screen(engine, volume, 8).regions.size(), 8U);
  return emulator::counts() - before;
}

/// Without its foremost and hindmost rows and some at the sides.
Volume cropped(const Volume& volume) {
  Volume crop = volume;
  const auto& [depth, height, width] = volume.geometry.shape;
  constexpr std::int64_t rows = 5, columns = 4;
  crop.geometry.shape = {depth, height - 2 * rows, width - 2 * columns};
  crop.hu.clear();
  for (std::int64_t z = 0; z < depth; ++z)
    for (std::int64_t y = rows; y < height - rows; ++y) {
      const auto row = volume.hu.begin() + (z * height + y) * width;
      crop.hu.insert(crop.hu.end(), row + columns, row + width - columns);
    }
  return crop;
}

TEST(CudaTraffic, ACtGoesUpOnceAndItsRegionsComeDown) {
  const TinyCase tiny;
  Engine engine = tiny.engine("cuda");
  static_cast<void>(counts_of(engine, tiny.volume()));  // which also plans and packs
  const emulator::Counts again = counts_of(engine, tiny.volume());
  const std::uint64_t voxels = tiny.volume().hu.size() * sizeof(std::int16_t);
  EXPECT_GE(again.uploaded_bytes, voxels);
  EXPECT_LT(again.uploaded_bytes, voxels + of_tables);
  EXPECT_LT(again.downloaded_bytes, least_bytes);
  EXPECT_EQ(again.allocations, 0U);
  EXPECT_LE(again.downloads, 60U) << "round trips";
}

TEST(CudaTraffic, ACtOfAnotherShapeBringsNothingElse) {
  const TinyCase tiny;
  Engine engine = tiny.engine("cuda");
  static_cast<void>(counts_of(engine, tiny.volume()));
  const Volume other = cropped(tiny.volume());
  const emulator::Counts next = counts_of(engine, other);
  EXPECT_LT(next.uploaded_bytes, other.hu.size() * sizeof(std::int16_t) + of_tables);
  EXPECT_LT(next.downloaded_bytes, least_bytes);
  EXPECT_LE(next.allocations, 2U);
}

}  // namespace
}  // namespace pleura::test
