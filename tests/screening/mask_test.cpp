/// Candidates of a mask head: connected components.
#include <gtest/gtest.h>

#include <cmath>
#include <queue>
#include <random>
#include <set>

#include "pleura/error.hpp"
#include "screening/candidates.hpp"

namespace pleura::screening {
namespace {

NetworkGrid grid_of(const Index3& shape, const std::array<double, 3>& spacing) {
  NetworkGrid grid;
  grid.volume.geometry.shape = shape;
  grid.volume.geometry.spacing = spacing;
  grid.lungs.assign(grid.volume.geometry.voxels(), 2);
  return grid;
}

layers::HostTensor background(const Index3& shape) {
  layers::HostTensor head;
  head.shape = {1, shape[0], shape[1], shape[2], 2};
  for (std::int64_t i = 0; i < shape[0] * shape[1] * shape[2]; ++i) head.values.insert(head.values.end(), {4.F, -4.F});
  return head;
}

void set_foreground(layers::HostTensor& head, const Index3& at, float logit) {
  const std::int64_t voxel = (at[0] * head.shape[2] + at[1]) * head.shape[3] + at[2];
  head.values[2 * voxel] = 1;
  head.values[2 * voxel + 1] = 1 + logit;
}

weights::SegmenterSettings settings() {
  weights::SegmenterSettings s;
  s.min_component_ml = 0.024;  // three voxels of 2 mm
  return s;
}

TEST(DecodeMask, GivesTheCubeAroundEachComponent) {
  const NetworkGrid grid = grid_of({8, 8, 8}, {2, 2, 2});
  layers::HostTensor head = background({8, 8, 8});
  for (std::int64_t x = 1; x < 5; ++x) set_foreground(head, {2, 3, x}, 2);  // four in a row
  for (std::int64_t k = 5; k < 8; ++k) set_foreground(head, {k, 5, 5}, 1);  // three in a column
  set_foreground(head, {0, 7, 7}, 9);                                       // one alone: too small
  set_foreground(head, {1, 6, 7}, 9);
  const std::vector<Cube> cubes = decode_mask(head, grid, settings(), 0.5, 2);
  ASSERT_EQ(cubes.size(), 2U);
  EXPECT_EQ(cubes[0].centre, (std::array<double, 3>{4, 6, 5}));
  EXPECT_EQ(cubes[0].side, 8);
  EXPECT_NEAR(cubes[0].logit, 2, 1e-6);
  EXPECT_EQ(cubes[1].centre, (std::array<double, 3>{12, 10, 10}));
  EXPECT_EQ(cubes[1].side, 6);
  EXPECT_NEAR(cubes[1].logit, 1, 1e-6);
}

TEST(DecodeMask, LeavesOutWhatLiesOutsideTheLungsAndBelowTheThreshold) {
  NetworkGrid grid = grid_of({4, 4, 4}, {2, 2, 2});
  layers::HostTensor head = background({4, 4, 4});
  for (std::int64_t x = 0; x < 4; ++x) set_foreground(head, {0, 0, x}, 1);
  EXPECT_EQ(decode_mask(head, grid, settings(), 0.7, 2).size(), 1U);
  EXPECT_EQ(decode_mask(head, grid, settings(), 0.75, 2).size(), 0U);  // p = 0.731
  grid.lungs[1] = 0;                                                   // leaves one voxel and two
  EXPECT_EQ(decode_mask(head, grid, settings(), 0.5, 2).size(), 0U);
}

TEST(DecodeMask, AThresholdOfZeroTakesAllOfTheLungs) {
  const NetworkGrid grid = grid_of({3, 4, 5}, {2, 2, 2});
  const std::vector<Cube> cubes = decode_mask(background({3, 4, 5}), grid, settings(), 0, 2);
  ASSERT_EQ(cubes.size(), 1U);
  EXPECT_EQ(cubes[0].side, 10);
}

TEST(DecodeMask, FindsAsManyComponentsAsANaiveLabelling) {
  const Index3 shape{9, 10, 11};
  const NetworkGrid grid = grid_of(shape, {1, 1, 1});
  std::mt19937 random(5);
  layers::HostTensor head = background(shape);
  std::set<Index3> foreground;
  for (int i = 0; i < 300; ++i) {
    const Index3 at{static_cast<std::int64_t>(random() % 9), static_cast<std::int64_t>(random() % 10),
                    static_cast<std::int64_t>(random() % 11)};
    foreground.insert(at);
    set_foreground(head, at, 3);
  }
  int components = 0;
  while (!foreground.empty()) {
    ++components;
    std::queue<Index3> open;
    open.push(*foreground.begin());
    foreground.erase(foreground.begin());
    while (!open.empty()) {
      const Index3 at = open.front();
      open.pop();
      for (auto it = foreground.begin(); it != foreground.end();) {
        const bool touches = std::abs((*it)[0] - at[0]) + std::abs((*it)[1] - at[1]) + std::abs((*it)[2] - at[2]) == 1;
        if (touches) open.push(*it);
        it = touches ? foreground.erase(it) : std::next(it);
      }
    }
  }
  weights::SegmenterSettings s = settings();
  s.min_component_ml = 0;
  const std::vector<Cube> cubes = decode_mask(head, grid, s, 0.5, 2);
  EXPECT_GT(components, 10);
  EXPECT_EQ(cubes.size(), static_cast<std::size_t>(components));

  weights::VNetHyper hyper;
  hyper.rpn = false;
  s.threshold = 0.5;
  s.max_regions = 3;
  const Candidates found = find_candidates(head, hyper, s, grid, grid.volume.geometry, 2);
  EXPECT_EQ(found.kept.size(), 3U);
  EXPECT_EQ(found.dropped, static_cast<std::size_t>(components - 3));
}

TEST(DecodeMask, RefusesAHeadOfAnotherGrid) {
  EXPECT_THROW((void)decode_mask(background({2, 2, 2}), grid_of({4, 4, 4}, {1, 1, 1}), settings(), 0.5, 2), Error);
}

}  // namespace
}  // namespace pleura::screening
