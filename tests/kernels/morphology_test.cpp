// Discs, dilation, erosion, closing and distances against their naive twins, bit for bit.
#include "kernels/morphology.hpp"

#include <gtest/gtest.h>

#include "kernels/distance_transform.hpp"
#include "voxels.hpp"

namespace pleura::kernels {
namespace {

using Operation = void (*)(const std::uint64_t*, std::int64_t, std::int64_t, const Disc&, std::uint64_t*);

void expect_same(Operation fast, Operation naive) {
  std::uint32_t seed = 0;
  for (const Index3& shape : test::voxel_shapes())
    for (const double density : {0.0, 0.01, 0.3, 0.97, 1.0})
      for (const Disc& disc : {make_disc(0, 700, 700), make_disc(1500, 700, 700), make_disc(9000, 3000, 700),
                               make_disc(50000, 9000, 700)}) {
        const BitVolume bits = test::random_bits({1, shape[1], shape[2]}, density, ++seed);
        BitVolume ours = test::random_bits(bits.shape, 0.5, 1), theirs(bits.shape);
        fast(bits.words.data(), shape[1], shape[2], disc, ours.words.data());
        naive(bits.words.data(), shape[1], shape[2], disc, theirs.words.data());
        EXPECT_EQ(ours, theirs) << "seed " << seed << " " << shape[1] << "x" << shape[2] << " disc of "
                                << disc.half_widths.size();
      }
}

TEST(Disc, HoldsWhatLiesWithinTheRadius) {
  const Disc disc = make_disc(8000, 842, 701);
  for (std::int64_t dy = 0; dy < 12; ++dy)
    for (std::int64_t dx = 0; dx < 14; ++dx) {
      const bool within = dy * dy * 842 * 842 + dx * dx * 701 * 701 <= 8000 * 8000;
      EXPECT_EQ(within, dy < static_cast<std::int64_t>(disc.half_widths.size()) && dx <= disc.half_widths[dy])
          << dy << " " << dx;
    }
}

TEST(Morphology, DilationIsTheNaiveOne) { expect_same(dilate_slice, reference::dilate_slice); }

TEST(Morphology, ErosionIsTheNaiveOne) { expect_same(erode_slice, reference::erode_slice); }

TEST(Morphology, ClosingIsTheNaiveOne) { expect_same(close_slice, reference::close_slice); }

TEST(Morphology, InversionKeepsRowsTrimmed) {
  for (const Index3& shape : test::voxel_shapes()) {
    const BitVolume bits = test::random_bits(shape, 0.4, 1);
    BitVolume inverse = bits;
    invert_slice(inverse.words.data(), shape[0] * shape[1], shape[2]);
    for (std::int64_t x = 0; x < shape[2]; ++x) EXPECT_NE(inverse.get(0, 0, x), bits.get(0, 0, x));
    test::expect_trimmed(inverse);
  }
}

TEST(Morphology, ClosingFillsAChannelButNotItsMouthAtTheEdge) {
  BitVolume bits({1, 9, 9}), closed = bits;
  for (std::int64_t y = 0; y < 9; ++y)
    for (std::int64_t x = 0; x < 9; ++x) bits.set(0, y, x, y != 4 || x > 5);
  close_slice(bits.words.data(), 9, 9, make_disc(2000, 1000, 1000), closed.words.data());
  for (std::int64_t x = 0; x < 9; ++x) EXPECT_EQ(closed.get(0, 4, x), x > 0) << x;
}

TEST(DistanceTransform, IsTheNaiveOneOnAnyThreads) {
  std::uint32_t seed = 0;
  for (const Index3& shape : test::voxel_shapes())
    for (const double density : {0.0, 0.005, 0.05, 0.5, 1.0})
      for (const std::array<std::int64_t, 3>& spacing :
           {std::array<std::int64_t, 3>{1, 1, 1}, {5000, 842, 701}, {600, 3000, 2999}}) {
        const BitVolume bits = test::random_bits(shape, density, ++seed);
        std::vector<std::uint8_t> mask;
        for (std::int64_t z = 0; z < shape[0]; ++z)
          for (std::int64_t y = 0; y < shape[1]; ++y)
            for (std::int64_t x = 0; x < shape[2]; ++x) mask.push_back(bits.get(z, y, x) ? 2 : 0);
        const auto naive = reference::squared_distances(mask, shape, spacing);
        for (const int threads : {1, 3})
          EXPECT_EQ(squared_distances(mask, shape, spacing, threads), naive) << "seed " << seed;
      }
}

}  // namespace
}  // namespace pleura::kernels
