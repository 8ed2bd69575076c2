// Bits, thresholds, components, holes, hulls: each against its naive twin, bit for bit.
#include <gtest/gtest.h>

#include "kernels/bit_volume.hpp"
#include "kernels/components.hpp"
#include "kernels/convex_hull.hpp"
#include "kernels/fill_holes.hpp"
#include "kernels/threshold.hpp"
#include "voxels.hpp"

namespace pleura::kernels {
namespace {

using test::random_bits;
using test::voxel_shapes;

constexpr double densities[] = {0, 0.02, 0.5, 0.65, 1};

TEST(BitVolume, CountsAndFillsRanges) {
  const BitVolume bits = random_bits({1, 1, 200}, 0.5, 1);
  for (const auto& [begin, end] : std::vector<std::pair<std::int64_t, std::int64_t>>{
           {0, 0}, {0, 1}, {5, 5}, {0, 64}, {63, 65}, {64, 128}, {10, 190}, {128, 200}, {0, 200}}) {
    std::int64_t count = 0;
    for (std::int64_t x = begin; x < end; ++x) count += bits.get(0, 0, x) ? 1 : 0;
    EXPECT_EQ(count_bits(bits.row(0, 0), begin, end), count) << begin << ".." << end;
    for (const bool value : {false, true}) {
      BitVolume filled = bits;
      fill_bits(filled.row(0, 0), begin, end, value);
      for (std::int64_t x = 0; x < 200; ++x)
        EXPECT_EQ(filled.get(0, 0, x), x >= begin && x < end ? value : bits.get(0, 0, x)) << x;
    }
  }
}

TEST(Threshold, IsTheNaiveOne) {
  for (const Index3& shape : voxel_shapes())
    for (const int below : {-40000, -1024, -450, 0, 3000, 40000}) {
      const auto hu = test::random_hu(shape[1] * shape[2], 7);
      BitVolume fast({1, shape[1], shape[2]}), naive = fast;
      fast.words.assign(fast.words.size(), ~std::uint64_t{0});
      threshold_slice(hu.data(), shape[1], shape[2], below, fast.words.data());
      reference::threshold_slice(hu.data(), shape[1], shape[2], below, naive.words.data());
      EXPECT_EQ(fast, naive) << shape[1] << "x" << shape[2] << " below " << below;
    }
}

TEST(Threshold, IsStrict) {
  const std::int16_t hu[] = {-451, -450, -449};
  std::uint64_t bits = 0;
  threshold_slice(hu, 1, 3, -450, &bits);
  EXPECT_EQ(bits, 1U);
}

TEST(Components, AreTheNaiveOnesOnAnyThreads) {
  std::uint32_t seed = 0;
  for (const Index3& shape : voxel_shapes())
    for (const double density : densities)
      for (const Connectivity connectivity : {Connectivity::in_slice, Connectivity::in_volume}) {
        const BitVolume bits = random_bits(shape, density, ++seed);
        const Components naive = reference::find_components(bits, connectivity);
        for (const int threads : {1, 3}) {
          const Components fast = find_components(bits, connectivity, threads);
          EXPECT_EQ(fast.runs, naive.runs) << "seed " << seed;
          EXPECT_EQ(fast.first_run, naive.first_run) << "seed " << seed;
          EXPECT_EQ(fast.list, naive.list) << "seed " << seed;
        }
      }
}

TEST(Components, OfASpiralAreOne) {
  const char* rows[] = {"#########", "#.......#", "#.#####.#", "#.#...#.#", "#.#.###.#",
                        "#.#.....#", "#.#######", "#........", "#########"};
  BitVolume bits({1, 9, 9});
  for (std::int64_t y = 0; y < 9; ++y)
    for (std::int64_t x = 0; x < 9; ++x) bits.set(0, y, x, rows[y][x] == '#');
  EXPECT_EQ(find_components(bits, Connectivity::in_slice, 1).list.size(), 1U);
}

TEST(Components, ThatTouchAtEdgesOrCornersAreApart) {
  BitVolume bits({2, 2, 2});
  bits.set(0, 0, 0);
  bits.set(0, 1, 1);
  bits.set(1, 0, 1);
  EXPECT_EQ(find_components(bits, Connectivity::in_volume, 1).list.size(), 3U);
  bits.set(0, 0, 1);
  EXPECT_EQ(find_components(bits, Connectivity::in_volume, 1).list.size(), 1U);
  EXPECT_EQ(find_components(bits, Connectivity::in_slice, 1).list.size(), 2U);
}

TEST(Components, AreCountedAndDrawn) {
  const BitVolume bits = random_bits({4, 9, 70}, 0.55, 3), other = random_bits({4, 9, 70}, 0.5, 4);
  const Components parts = find_components(bits, Connectivity::in_volume, 2);
  const auto counts = count_in(parts, other, 2);
  std::vector<std::uint8_t> odd(parts.list.size());
  std::vector<std::int64_t> expected(parts.list.size());
  BitVolume drawn(bits.shape);
  for (std::size_t i = 0; i < odd.size(); ++i) odd[i] = i % 2;
  for (const auto& run : parts.runs)
    for (std::int64_t x = run.begin; x < run.end; ++x) {
      expected[run.component] += other.get(run.z, run.y, x) ? 1 : 0;
      if (run.component % 2 != 0) drawn.set(run.z, run.y, x);
    }
  EXPECT_EQ(counts, expected);
  EXPECT_EQ(draw(parts, odd, bits.shape, 2), drawn);
}

TEST(FillHoles, IsTheNaiveOne) {
  std::uint32_t seed = 100;
  for (const Index3& shape : voxel_shapes())
    for (const double density : densities)
      for (const Connectivity connectivity : {Connectivity::in_slice, Connectivity::in_volume})
        for (const std::int64_t most : {0, 3, 1000000}) {
          BitVolume fast = random_bits(shape, density, ++seed), naive = fast;
          fill_holes(fast, connectivity, most, 2);
          reference::fill_holes(naive, connectivity, most);
          EXPECT_EQ(fast, naive) << "seed " << seed;
          test::expect_trimmed(fast);
        }
}

TEST(FillHoles, LeavesAHoleThatIsOpenAboveToTheSlices) {
  BitVolume shell({3, 5, 5});
  for (std::int64_t z = 0; z < 3; ++z)
    for (std::int64_t y = 1; y < 4; ++y)
      for (std::int64_t x = 1; x < 4; ++x) shell.set(z, y, x, z == 0 || y != 2 || x != 2);
  BitVolume in_volume = shell;
  fill_holes(in_volume, Connectivity::in_volume, 100, 1);
  EXPECT_EQ(in_volume, shell) << "the hole reaches the top face";
  BitVolume in_slice = shell;
  fill_holes(in_slice, Connectivity::in_slice, 100, 1);
  EXPECT_TRUE(in_slice.get(1, 2, 2) && in_slice.get(2, 2, 2));
}

TEST(ConvexHull, IsTheNaiveOne) {
  std::uint32_t seed = 0;
  for (const auto& [height, width] :
       std::vector<std::pair<std::int64_t, std::int64_t>>{{1, 1}, {1, 9}, {9, 1}, {7, 8}, {9, 67}})
    for (const int ones : {0, 1, 2, 3, 5, 12}) {
      for (int repeat = 0; repeat < 20; ++repeat) {
        std::mt19937 random(++seed);
        BitVolume bits({1, height, width}), naive = bits;
        for (int i = 0; i < ones; ++i) bits.set(0, random() % height, random() % width);
        BitVolume fast({1, height, width});
        const ConvexHull hull = convex_hull(bits.words.data(), height, width),
                         naive_hull = reference::convex_hull(bits.words.data(), height, width);
        EXPECT_EQ(hull.low, naive_hull.low) << "seed " << seed;
        EXPECT_EQ(hull.high, naive_hull.high) << "seed " << seed;
        fill_hull(hull, width, fast.words.data());
        reference::fill_convex_hull(bits.words.data(), height, width, naive.words.data());
        EXPECT_EQ(fast, naive) << "seed " << seed;
      }
    }
}

TEST(ConvexHull, HasNoCornersInLine) {
  BitVolume square({1, 5, 5});
  for (std::int64_t i = 0; i < 25; ++i) square.set(0, i / 5, i % 5);
  const ConvexHull hull = convex_hull(square.words.data(), 5, 5);
  EXPECT_EQ(hull.low, (std::vector<Pixel>{{0, 0}, {4, 0}}));
  EXPECT_EQ(hull.high, (std::vector<Pixel>{{0, 4}, {4, 4}}));
}

}  // namespace
}  // namespace pleura::kernels
