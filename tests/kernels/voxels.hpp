#pragma once
/// Random volumes of the shapes that break loops over words and rows: single voxels, odd sizes, one voxel less and more
/// than a word.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

#include "kernels/bit_volume.hpp"

namespace pleura::test {

inline const std::vector<Index3>& voxel_shapes() {
  static const std::vector<Index3> shapes{{1, 1, 1},  {1, 1, 200}, {1, 70, 1},  {5, 1, 1},    {3, 7, 63},
                                          {2, 9, 64}, {4, 5, 65},  {3, 8, 128}, {1, 11, 131}, {6, 13, 17}};
  return shapes;
}

/// Each voxel a one with probability `density`.
inline kernels::BitVolume random_bits(const Index3& shape, double density, std::uint32_t seed) {
  std::mt19937 random(seed);
  kernels::BitVolume bits(shape);
  for (std::int64_t z = 0; z < shape[0]; ++z)
    for (std::int64_t y = 0; y < shape[1]; ++y)
      for (std::int64_t x = 0; x < shape[2]; ++x)
        bits.set(z, y, x, static_cast<double>(random()) < density * 4294967296.0);
  return bits;
}

inline std::vector<std::int16_t> random_hu(std::int64_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<std::int16_t> hu(count);
  for (auto& value : hu) value = static_cast<std::int16_t>(static_cast<int>(random() % 6000) - 3024);
  return hu;
}

inline std::int64_t count_ones(const kernels::BitVolume& bits) {
  return kernels::count_bits(bits.words.data(), 0, static_cast<std::int64_t>(bits.words.size()) * 64);
}

/// Bits past the end of the rows must stay zero.
inline void expect_trimmed(const kernels::BitVolume& bits) {
  for (std::int64_t row = 0; row < bits.shape[0] * bits.shape[1]; ++row)
    EXPECT_EQ(kernels::count_bits(bits.words.data() + row * bits.row_words, bits.shape[2], bits.row_words * 64), 0);
}

}  // namespace pleura::test
