// From heads made by hand to proposals.
#include "kernels/proposals.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "host_head.hpp"

namespace pleura::kernels {
namespace {

using test::HostHead;

constexpr int kValues = 5;  // logit, dz, dy, dx, dd

/// Two anchors on a grid of 2 mm; a proposal has that probability.
ProposalDecoding decoding(double threshold) { return {{10, 30}, 0, 4, {2, 2, 2}, logit(threshold), std::log(62.5)}; }

/// A head of (d, h, w) cells that proposes nothing.
HostHead silent_head(const Index3& cells, std::int64_t channels) { return {cells, channels, -50}; }

std::vector<Cube> decode(const HostHead& head, const ProposalDecoding& how) {
  return decode_proposals(head.view(), how).best;
}

std::vector<Cube> best_of(std::vector<Cube> cubes, std::size_t n) {
  keep_best(cubes, n);
  return cubes;
}

std::vector<Cube> random_cubes(int n, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> place(0, 100), side(5, 30);
  std::vector<Cube> cubes;
  for (int i = 0; i < n; ++i)  // few different logits, so that many are equal
    cubes.push_back({{place(random), place(random), place(random)}, side(random), static_cast<double>(random() % 7)});
  return cubes;
}

TEST(Iou, OfHandWorkedCubes) {
  const Cube a{{0, 0, 0}, 2, 0};
  EXPECT_DOUBLE_EQ(iou(a, a), 1);
  EXPECT_DOUBLE_EQ(iou(a, {{1, 0, 0}, 2, 0}), 4.0 / 12);
  EXPECT_DOUBLE_EQ(iou(a, {{0, 0, 0}, 1, 0}), 1.0 / 8);
  EXPECT_DOUBLE_EQ(iou(a, {{1, 1, 1}, 2, 0}), 1.0 / 15);
  EXPECT_EQ(iou(a, {{2, 0, 0}, 2, 0}), 0);  // faces that touch
  EXPECT_EQ(iou(a, {{0, 9, 0}, 2, 0}), 0);
}

TEST(DecodeProposals, IsTheTemplatesFormula) {
  HostHead head = silent_head({2, 3, 4}, 2 * kValues);
  // Cell (1, 2, 3), anchor 1 of 30 mm.
  float* value = &head.values[((1 * 3 + 2) * 4 + 3) * 2 * kValues + kValues];
  const std::array<float, kValues> given{0.25F, 0.5F, -0.5F, 0.1F, static_cast<float>(std::log(2.0))};
  std::copy(given.begin(), given.end(), value);
  const std::vector<Cube> cubes = decode(head, decoding(0.5));
  ASSERT_EQ(cubes.size(), 1U);
  // Grid voxels 4 * cell + 1.5, 2 mm each, + t * 30 mm.
  EXPECT_NEAR(cubes[0].centre[0], 5.5 * 2 + 15, 1e-9);
  EXPECT_NEAR(cubes[0].centre[1], 9.5 * 2 - 15, 1e-9);
  EXPECT_NEAR(cubes[0].centre[2], 13.5 * 2 + 3, 1e-6);
  EXPECT_NEAR(cubes[0].side, 60, 1e-5);
  EXPECT_EQ(cubes[0].logit, 0.25);
}

TEST(DecodeProposals, SkipsExtraClassesAndUsesTheSpacingOfEachAxis) {
  ProposalDecoding how = decoding(0.5);
  how.spacing_mm = {4, 2, 1};
  how.extra_classes = 3;
  HostHead head = silent_head({1, 1, 2}, 2 * (kValues + 3));
  std::fill_n(&head.values[(1 * 2 + 1) * (kValues + 3)], kValues, 0.F);
  const std::vector<Cube> cubes = decode(head, how);
  ASSERT_EQ(cubes.size(), 1U);
  EXPECT_EQ(std::to_array(cubes[0].centre), (std::array<double, 3>{1.5 * 4, 1.5 * 2, 5.5}));
  EXPECT_EQ(cubes[0].side, 30);
}

TEST(DecodeProposals, ThresholdIsAProbabilityThatCounts) {
  HostHead head = silent_head({1, 1, 1}, 2 * kValues);
  head.values[0] = -3;  // p = 0.0474
  EXPECT_EQ(decode(head, decoding(0.047)).size(), 1U);
  EXPECT_EQ(decode(head, decoding(0.048)).size(), 0U);
  EXPECT_EQ(decode(head, decoding(0)).size(), 2U);
  EXPECT_EQ(decode(head, decoding(1)).size(), 0U);
  head.values[0] = 0;
  EXPECT_EQ(decode(head, decoding(0.5)).size(), 1U);  // at the threshold stays
}

TEST(DecodeProposals, ClampsTheSide) {
  HostHead head = silent_head({1, 1, 1}, 2 * kValues);
  std::fill_n(head.values.begin(), kValues, 0.F);
  head.values[4] = 1e30F;
  EXPECT_NEAR(decode(head, decoding(0.5))[0].side, 10 * 62.5, 1e-9);
  head.values[4] = -1e30F;
  EXPECT_NEAR(decode(head, decoding(0.5))[0].side, 10 / 62.5, 1e-9);
}

TEST(DecodeProposals, CountsWhatIsNotFinite) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    HostHead head = silent_head({2, 2, 2}, 2 * kValues);
    head.values[17] = head.values[18] = head.values[40] = bad;
    const FoundCubes found = decode_proposals(head.view(), decoding(0));
    EXPECT_EQ(found.counts.not_finite, 2) << "proposals";
    EXPECT_TRUE(found.best.empty());
  }
}

TEST(KeepBest, SortsAndKeepsTheOrderOfEquals) {
  const std::vector<Cube> best =
      best_of({{{0, 0, 0}, 1, 1}, {{1, 0, 0}, 1, 3}, {{2, 0, 0}, 1, 3}, {{3, 0, 0}, 1, 2}}, 3);
  ASSERT_EQ(best.size(), 3U);
  EXPECT_EQ(best[0].centre[0], 1);
  EXPECT_EQ(best[1].centre[0], 2);
  EXPECT_EQ(best[2].centre[0], 3);
  EXPECT_EQ(best_of(best, 9).size(), 3U);
}

TEST(SuppressOverlaps, GoesAtTheThresholdAndStaysBelowIt) {
  const Cube a{{0, 0, 0}, 2, 3}, shifted{{1, 0, 0}, 2, 2}, far{{9, 0, 0}, 2, 1};
  EXPECT_EQ(suppress_overlaps({a, shifted, far}, iou(a, shifted)).size(), 2U);
  EXPECT_EQ(suppress_overlaps({a, shifted, far}, std::nextafter(iou(a, shifted), 1)).size(), 3U);
}

TEST(SuppressOverlaps, ASuppressedCubeSuppressesNothing) {
  const Cube a{{0, 0, 0}, 2, 3}, b{{1.5, 0, 0}, 2, 2}, c{{3, 0, 0}, 2, 1};  // b overlaps both, a and c do not touch
  const std::vector<Cube> kept = suppress_overlaps({a, b, c}, 0.05);
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_EQ(kept[1].centre[0], 3);
}

TEST(SuppressOverlaps, AgreesWithItsNaiveTwin) {
  for (unsigned seed = 0; seed < 5; ++seed) {
    const std::vector<Cube> cubes = best_of(random_cubes(300, seed), 300);
    const std::vector<Cube> expected = reference::suppress_overlaps(cubes, 0.05);
    const std::vector<Cube> kept = suppress_overlaps(cubes, 0.05);
    ASSERT_EQ(kept.size(), expected.size());
    for (std::size_t i = 0; i < kept.size(); ++i)
      EXPECT_EQ(std::to_array(kept[i].centre), std::to_array(expected[i].centre));
  }
}

TEST(KeepInside, AsksTheVoxelOfTheCentre) {
  std::vector<std::uint8_t> lungs(64, 1);
  lungs[(1 * 4 + 2) * 4 + 3] = 0;
  const auto inside = [&](double z, double y, double x) {
    return !keep_inside({{{z, y, x}, 5, 0}}, lungs, {4, 4, 4}, {2, 2, 2}).empty();
  };
  EXPECT_TRUE(inside(0, 0, 0));
  EXPECT_FALSE(inside(2.9, 4.9, 5.1));  // rounds to voxel (1, 2, 3)
  EXPECT_TRUE(inside(3.1, 4.9, 5.1));
  EXPECT_TRUE(inside(-0.9, 0, 0));
  EXPECT_FALSE(inside(-1.1, 0, 0));
  EXPECT_FALSE(inside(0, 7.1, 0));
  EXPECT_FALSE(inside(0, 0, 1e300));
}

}  // namespace
}  // namespace pleura::kernels
