#include "screening/candidates.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "kernels/proposals.hpp"
#include "pleura/error.hpp"

namespace pleura::screening {
namespace {

constexpr int kValues = 5;  // logit, dz, dy, dx, dd

weights::SegmenterSettings settings() {
  weights::SegmenterSettings s;
  s.spacing_mm = {2, 2, 2};
  s.anchors_mm = {10, 30};
  s.threshold = 0.5;
  s.nms_iou = 0.05;
  s.max_regions = 4;
  return s;
}

/// A head of (d, h, w) cells that proposes nothing.
layers::HostTensor silent_head(const Index3& cells, std::int64_t channels) {
  layers::HostTensor head;
  head.shape = {1, cells[0], cells[1], cells[2], channels};
  head.values.assign(cells[0] * cells[1] * cells[2] * channels, -50);
  return head;
}

/// A grid of 2 mm voxels, all of it lungs.
NetworkGrid all_lungs(const Index3& shape) {
  NetworkGrid grid;
  grid.volume.geometry.shape = shape;
  grid.volume.geometry.spacing = {2, 2, 2};
  grid.lungs.assign(grid.volume.geometry.voxels(), 1);
  return grid;
}

/// A grid that is the CT's own.
NetworkGrid grid_of(const Geometry& ct) {
  NetworkGrid grid;
  grid.volume.geometry = ct;
  return grid;
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
  layers::HostTensor head = silent_head({2, 3, 4}, 2 * kValues);
  // Cell (1, 2, 3), anchor 1 of 30 mm.
  float* value = &head.values[((1 * 3 + 2) * 4 + 3) * 2 * kValues + kValues];
  const std::array<float, kValues> given{0.25F, 0.5F, -0.5F, 0.1F, static_cast<float>(std::log(2.0))};
  std::copy(given.begin(), given.end(), value);
  const std::vector<Cube> cubes = decode_proposals(head, settings(), 0, 0.5);
  ASSERT_EQ(cubes.size(), 1U);
  // Grid voxels 4 * cell + 1.5, 2 mm each, + t * 30 mm.
  EXPECT_NEAR(cubes[0].centre[0], 5.5 * 2 + 15, 1e-9);
  EXPECT_NEAR(cubes[0].centre[1], 9.5 * 2 - 15, 1e-9);
  EXPECT_NEAR(cubes[0].centre[2], 13.5 * 2 + 3, 1e-6);
  EXPECT_NEAR(cubes[0].side, 60, 1e-5);
  EXPECT_EQ(cubes[0].logit, 0.25);
}

TEST(DecodeProposals, SkipsExtraClassesAndUsesTheSpacingOfEachAxis) {
  weights::SegmenterSettings s = settings();
  s.spacing_mm = {4, 2, 1};
  layers::HostTensor head = silent_head({1, 1, 2}, 2 * (kValues + 3));
  std::fill_n(&head.values[(1 * 2 + 1) * (kValues + 3)], kValues, 0.F);
  const std::vector<Cube> cubes = decode_proposals(head, s, 3, 0.5);
  ASSERT_EQ(cubes.size(), 1U);
  EXPECT_EQ(cubes[0].centre, (std::array<double, 3>{1.5 * 4, 1.5 * 2, 5.5}));
  EXPECT_EQ(cubes[0].side, 30);
}

TEST(DecodeProposals, ThresholdIsAProbabilityThatCounts) {
  layers::HostTensor head = silent_head({1, 1, 1}, 2 * kValues);
  head.values[0] = -3;  // p = 0.0474
  EXPECT_EQ(decode_proposals(head, settings(), 0, 0.047).size(), 1U);
  EXPECT_EQ(decode_proposals(head, settings(), 0, 0.048).size(), 0U);
  EXPECT_EQ(decode_proposals(head, settings(), 0, 0).size(), 2U);
  EXPECT_EQ(decode_proposals(head, settings(), 0, 1).size(), 0U);
  head.values[0] = 0;
  EXPECT_EQ(decode_proposals(head, settings(), 0, 0.5).size(), 1U);  // at the threshold stays
}

TEST(DecodeProposals, ClampsTheSide) {
  layers::HostTensor head = silent_head({1, 1, 1}, 2 * kValues);
  std::fill_n(head.values.begin(), kValues, 0.F);
  head.values[4] = 1e30F;
  EXPECT_NEAR(decode_proposals(head, settings(), 0, 0.5)[0].side, 10 * 62.5, 1e-9);
  head.values[4] = -1e30F;
  EXPECT_NEAR(decode_proposals(head, settings(), 0, 0.5)[0].side, 10 / 62.5, 1e-9);
}

TEST(DecodeProposals, RefusesWhatIsNotFiniteAndWhatDoesNotFit) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    layers::HostTensor head = silent_head({2, 2, 2}, 2 * kValues);
    head.values[17] = bad;
    try {
      (void)decode_proposals(head, settings(), 0, 0.5);
      ADD_FAILURE() << "accepted " << bad;
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::weights_refused);
      EXPECT_NE(std::string(error.what()).find("not finite"), std::string::npos) << error.what();
    }
  }
  EXPECT_THROW((void)decode_proposals(silent_head({1, 1, 1}, 7), settings(), 0, 0.5), Error);
}

TEST(KeepBest, SortsAndKeepsTheOrderOfEquals) {
  const std::vector<Cube> best =
      keep_best({{{0, 0, 0}, 1, 1}, {{1, 0, 0}, 1, 3}, {{2, 0, 0}, 1, 3}, {{3, 0, 0}, 1, 2}}, 3);
  ASSERT_EQ(best.size(), 3U);
  EXPECT_EQ(best[0].centre[0], 1);
  EXPECT_EQ(best[1].centre[0], 2);
  EXPECT_EQ(best[2].centre[0], 3);
  EXPECT_EQ(keep_best(best, 9).size(), 3U);
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
    const std::vector<Cube> cubes = keep_best(random_cubes(300, seed), 300);
    std::vector<bool> gone(cubes.size(), false);  // the twin crosses out what each kept cube overlaps
    std::vector<Cube> expected;
    for (std::size_t i = 0; i < cubes.size(); ++i) {
      if (gone[i]) continue;
      expected.push_back(cubes[i]);
      for (std::size_t j = i + 1; j < cubes.size(); ++j) gone[j] = gone[j] || iou(cubes[i], cubes[j]) >= 0.05;
    }
    const std::vector<Cube> kept = suppress_overlaps(cubes, 0.05);
    ASSERT_EQ(kept.size(), expected.size());
    for (std::size_t i = 0; i < kept.size(); ++i) EXPECT_EQ(kept[i].centre, expected[i].centre);
  }
}

TEST(KeepInsideLungs, AsksTheVoxelOfTheCentre) {
  NetworkGrid grid = all_lungs({4, 4, 4});
  grid.lungs[(1 * 4 + 2) * 4 + 3] = 0;
  const auto inside = [&](double z, double y, double x) {
    return !keep_inside_lungs({{{z, y, x}, 5, 0}}, grid).empty();
  };
  EXPECT_TRUE(inside(0, 0, 0));
  EXPECT_FALSE(inside(2.9, 4.9, 5.1));  // rounds to voxel (1, 2, 3)
  EXPECT_TRUE(inside(3.1, 4.9, 5.1));
  EXPECT_TRUE(inside(-0.9, 0, 0));
  EXPECT_FALSE(inside(-1.1, 0, 0));
  EXPECT_FALSE(inside(0, 7.1, 0));
  EXPECT_FALSE(inside(0, 0, 1e300));
}

TEST(ToCandidate, PlacesACubeInTheCt) {
  Geometry ct;
  ct.shape = {20, 100, 100};
  ct.spacing = {5, 1, 1};
  ct.origin = {-50, -50, 0};
  NetworkGrid grid;
  grid.volume.geometry.spacing = {2, 2, 2};
  grid.axes = {{{10, 2, 32, 5}, {40, 2, 32, 1}, {30, 2, 32, 1}}};        // from (10, -10, -20) mm
  const Candidate c = to_candidate(Cube{{20, 10, 6}, 10, 0}, grid, ct);  // world centre (-14, 0, 30)
  EXPECT_EQ(c.centre, (std::array<double, 3>{6, 50, 36}));
  EXPECT_EQ(c.box_voxels, (VoxelBox{{5, 45, 31}, {7, 55, 41}}));  // centres at 25 <= z < 35 mm
  EXPECT_EQ(c.box_mm.low, (Point3{-19, -5, 25}));
  EXPECT_EQ(c.box_mm.high, (Point3{-9, 5, 35}));
  EXPECT_EQ(c.score, 0.5);
}

TEST(ToCandidate, KeepsAtLeastOneVoxelAndStaysInsideTheCt) {
  Geometry ct;
  ct.shape = {10, 10, 10};
  ct.spacing = {5, 1, 1};
  const Candidate small = to_candidate(Cube{{12, 4.4, 4.4}, 0.5, 0}, grid_of(ct), ct);
  EXPECT_EQ(small.box_voxels, (VoxelBox{{2, 4, 4}, {3, 5, 5}}));
  const Candidate large = to_candidate(Cube{{0, 0, 0}, 500, 0}, grid_of(ct), ct);
  EXPECT_EQ(large.box_voxels, (VoxelBox{{0, 0, 0}, {10, 10, 10}}));
  const Candidate beyond = to_candidate(Cube{{100, 4, 4}, 2, 0}, grid_of(ct), ct);
  EXPECT_EQ(beyond.box_voxels.low[0], 9);
  EXPECT_EQ(beyond.box_voxels.high[0], 10);
}

TEST(ToCandidate, PutsAnAxisAlignedBoxAroundATurnedCube) {
  Geometry turned;
  turned.shape = {8, 8, 8};
  turned.spacing = {1, 1, 1};
  const double c = std::sqrt(0.5);
  turned.direction = {{{0, 0, 1}, {-c, c, 0}, {c, c, 0}}};
  const Candidate candidate = to_candidate(Cube{{0, 0, 0}, 2, 0}, grid_of(turned), turned);
  EXPECT_NEAR(candidate.box_mm.high[0], std::sqrt(2.0), 1e-12);
  EXPECT_NEAR(candidate.box_mm.high[1], std::sqrt(2.0), 1e-12);
  EXPECT_NEAR(candidate.box_mm.high[2], 1, 1e-12);
}

TEST(ToCandidate, TakesABoxOfTheWorld) {
  Geometry ct;
  ct.shape = {20, 50, 50};
  ct.spacing = {5, 2, 2};
  const Candidate c = to_candidate(WorldBox{{10, 20, 30}, {20, 40, 60}}, ct);
  EXPECT_EQ(c.centre, (std::array<double, 3>{9, 15, 7.5}));
  EXPECT_EQ(c.box_voxels, (VoxelBox{{6, 10, 5}, {12, 20, 10}}));
  EXPECT_TRUE(std::isnan(c.score));
}

TEST(FindCandidates, RunsTheStepsInTheirOrder) {
  // Three strong proposals: the best outside the lungs, whose neighbour it suppresses, and one far away; then a weak
  // one.
  layers::HostTensor head = silent_head({4, 4, 4}, 2 * kValues);
  const auto propose = [&](std::int64_t z, std::int64_t y, std::int64_t x, float logit) {
    std::fill_n(&head.values[((z * 4 + y) * 4 + x) * 2 * kValues], kValues, 0.F);
    head.values[((z * 4 + y) * 4 + x) * 2 * kValues] = logit;
  };
  propose(0, 0, 0, 9);
  propose(0, 0, 1, 8);
  propose(3, 3, 3, 7);
  propose(0, 3, 0, -1);
  NetworkGrid grid = all_lungs({16, 16, 16});
  grid.lungs[(2 * 16 + 2) * 16 + 2] = 0;  // the centre of cell (0, 0, 0) is voxel 1.5, which rounds up
  weights::VNetHyper hyper;
  weights::SegmenterSettings s = settings();
  const Candidates found = find_candidates(head, hyper, s, grid, grid.volume.geometry, 1);
  ASSERT_EQ(found.kept.size(), 1U);
  EXPECT_EQ(found.dropped, 0U);
  EXPECT_NEAR(found.kept[0].centre[0], 13.5, 1e-9);

  s.threshold = 0.2;
  s.max_regions = 1;
  const Candidates more = find_candidates(head, hyper, s, grid, grid.volume.geometry, 1);
  ASSERT_EQ(more.kept.size(), 1U);
  EXPECT_EQ(more.dropped, 1U);
  EXPECT_GT(more.kept[0].score, 0.99);
}

TEST(FindCandidates, BoundsWhatGoesThroughSuppression) {
  layers::HostTensor head = silent_head({20, 20, 20}, 2 * kValues);
  for (std::size_t i = 0; i < head.values.size(); i += kValues) std::fill_n(&head.values[i], kValues, 0.F);
  weights::SegmenterSettings s = settings();
  s.anchors_mm = {1, 1};  // apart from each other: 8000 pairs that lie on each other
  s.max_regions = 1 << 20;
  const NetworkGrid grid = all_lungs({80, 80, 80});
  const Candidates found = find_candidates(head, {}, s, grid, grid.volume.geometry, 1);
  EXPECT_EQ(static_cast<std::int64_t>(found.kept.size()), kernels::most_proposals / 2);
}

}  // namespace
}  // namespace pleura::screening
