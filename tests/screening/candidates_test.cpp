#include "screening/candidates.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "kernels/backend.hpp"
#include "pleura/error.hpp"
#include "tests/kernels/host_head.hpp"

namespace pleura::screening {
namespace {

using kernels::Cube;
using test::HostHead;

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
HostHead silent_head(const Index3& cells, std::int64_t channels) { return {cells, channels, -50}; }

/// A grid of 2 mm voxels, all of it lungs but for some, which is the CT's own.
Candidates candidates_of(const HostHead& head, const weights::VNetHyper& hyper, const weights::SegmenterSettings& s,
                         const Index3& shape, const std::vector<std::size_t>& outside = {}) {
  const kernels::OpenDevice cpu = kernels::open_device("cpu", 2);
  const auto on = cpu.instrument();
  NetworkGrid grid;
  grid.geometry.shape = shape;
  grid.geometry.spacing = {2, 2, 2};
  std::vector<std::uint8_t> lungs(grid.geometry.voxels(), 1);
  for (const std::size_t voxel : outside) lungs[voxel] = 0;
  grid.lungs = on->take(lungs, shape);
  return find_candidates(*on, head.view(), hyper, s, grid, grid.geometry);
}

/// A grid that is the CT's own.
NetworkGrid grid_of(const Geometry& ct) {
  NetworkGrid grid;
  grid.geometry = ct;
  return grid;
}

TEST(ToCandidate, PlacesACubeInTheCt) {
  Geometry ct;
  ct.shape = {20, 100, 100};
  ct.spacing = {5, 1, 1};
  ct.origin = {-50, -50, 0};
  NetworkGrid grid;
  grid.geometry.spacing = {2, 2, 2};
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
  HostHead head = silent_head({4, 4, 4}, 2 * kValues);
  const auto propose = [&](std::int64_t z, std::int64_t y, std::int64_t x, float logit) {
    std::fill_n(&head.values[((z * 4 + y) * 4 + x) * 2 * kValues], kValues, 0.F);
    head.values[((z * 4 + y) * 4 + x) * 2 * kValues] = logit;
  };
  propose(0, 0, 0, 9);
  propose(0, 0, 1, 8);
  propose(3, 3, 3, 7);
  propose(0, 3, 0, -1);
  const std::vector<std::size_t> outside{(2 * 16 + 2) * 16 + 2};  // the centre of cell (0, 0, 0) is 1.5: rounds up
  weights::SegmenterSettings s = settings();
  const Candidates found = candidates_of(head, {}, s, {16, 16, 16}, outside);
  ASSERT_EQ(found.kept.size(), 1U);
  EXPECT_EQ(found.dropped, 0U);
  EXPECT_NEAR(found.kept[0].centre[0], 13.5, 1e-9);

  s.threshold = 0.2;
  s.max_regions = 1;
  const Candidates more = candidates_of(head, {}, s, {16, 16, 16}, outside);
  ASSERT_EQ(more.kept.size(), 1U);
  EXPECT_EQ(more.dropped, 1U);
  EXPECT_GT(more.kept[0].score, 0.99);
}

TEST(FindCandidates, BoundsWhatGoesThroughSuppression) {
  HostHead head = silent_head({20, 20, 20}, 2 * kValues);
  for (std::size_t i = 0; i < head.values.size(); i += kValues) std::fill_n(&head.values[i], kValues, 0.F);
  weights::SegmenterSettings s = settings();
  s.anchors_mm = {1, 1};  // apart from each other: 8000 pairs that lie on each other
  s.max_regions = 1 << 20;
  const Candidates found = candidates_of(head, {}, s, {80, 80, 80});
  EXPECT_EQ(static_cast<std::int64_t>(found.kept.size()), kernels::most_proposals / 2);
}

TEST(FindCandidates, SaysThatAHeadIsNotFinite) {
  HostHead head = silent_head({4, 4, 4}, 2 * kValues);
  EXPECT_TRUE(candidates_of(head, {}, settings(), {16, 16, 16}).finite);
  head.values[17] = NAN;
  EXPECT_FALSE(candidates_of(head, {}, settings(), {16, 16, 16}).finite);
}

TEST(FindCandidates, RefusesAHeadOfAnotherGrid) {
  EXPECT_THROW((void)candidates_of(silent_head({4, 4, 4}, 7), {}, settings(), {16, 16, 16}), Error);
  EXPECT_THROW((void)candidates_of(silent_head({4, 4, 4}, 10), {}, settings(), {16, 16, 32}), Error);
  weights::VNetHyper mask_head;
  mask_head.rpn = false;
  EXPECT_THROW((void)candidates_of(silent_head({4, 4, 4}, 2), mask_head, settings(), {16, 16, 16}), Error);
}

TEST(FindCandidates, TakesTheBestOfAMaskHead) {
  weights::VNetHyper mask_head;
  mask_head.rpn = false;
  HostHead head({4, 4, 30}, 2, 0);
  for (std::size_t voxel = 0; voxel < 480; ++voxel) head.values[2 * voxel + 1] = -9;
  for (std::size_t at = 0; at < 30; at += 3) head.values[2 * at + 1] = static_cast<float>(1 + at);
  weights::SegmenterSettings s = settings();
  s.min_component_ml = 0;
  for (const int most : {0, 3, 100}) {
    s.max_regions = most;
    const Candidates found = candidates_of(head, mask_head, s, {4, 4, 30}, {27});
    ASSERT_EQ(found.kept.size(), static_cast<std::size_t>(std::min(most, 9)));
    EXPECT_EQ(found.dropped, 9 - found.kept.size());
    if (most > 0) {
      EXPECT_EQ(found.kept[0].centre, (std::array<double, 3>{0, 0, 24})) << "27 lies outside";
    }
  }
}

}  // namespace
}  // namespace pleura::screening
