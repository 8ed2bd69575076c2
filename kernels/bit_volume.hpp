#pragma once
/// A binary volume, one bit a voxel: what the lungs' morphology works on.
#include <cstdint>
#include <vector>

#include "pleura/volume.hpp"

namespace pleura::kernels {

/// Bit x % 64 of word x / 64 of row (z, y) is voxel (z, y, x). Bits past the end of a row are zero: every operation
/// keeps them so.
struct BitVolume {
  Index3 shape{};
  std::int64_t row_words = 0;
  std::vector<std::uint64_t> words;

  BitVolume() = default;
  explicit BitVolume(const Index3& size)
      : shape(size), row_words((size[2] + 63) / 64), words(size[0] * size[1] * row_words) {}

  [[nodiscard]] std::int64_t slice_words() const { return shape[1] * row_words; }
  [[nodiscard]] std::uint64_t* slice(std::int64_t z) { return words.data() + z * slice_words(); }
  [[nodiscard]] const std::uint64_t* slice(std::int64_t z) const { return words.data() + z * slice_words(); }
  [[nodiscard]] std::uint64_t* row(std::int64_t z, std::int64_t y) { return slice(z) + y * row_words; }
  [[nodiscard]] const std::uint64_t* row(std::int64_t z, std::int64_t y) const { return slice(z) + y * row_words; }
  [[nodiscard]] bool get(std::int64_t z, std::int64_t y, std::int64_t x) const {
    return row(z, y)[x / 64] >> (x % 64) & 1;
  }
  void set(std::int64_t z, std::int64_t y, std::int64_t x, bool value = true) {
    const std::uint64_t bit = std::uint64_t{1} << (x % 64);
    std::uint64_t& word = row(z, y)[x / 64];
    word = value ? word | bit : word & ~bit;
  }
  bool operator==(const BitVolume&) const = default;
};

/// Ones in bits [begin, end) of a row.
[[nodiscard]] std::int64_t count_bits(const std::uint64_t* row, std::int64_t begin, std::int64_t end);

/// Sets or clears bits [begin, end) of a row.
void fill_bits(std::uint64_t* row, std::int64_t begin, std::int64_t end, bool value);

}  // namespace pleura::kernels
