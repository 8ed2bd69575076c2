// Cubes of a mask head: connected components.
#include "kernels/mask_head.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <queue>
#include <random>
#include <set>

#include "host_head.hpp"

namespace pleura::kernels {
namespace {

using test::HostHead;

/// A mask of lungs.
struct Grid {
  Index3 shape{};
  std::array<double, 3> spacing_mm{};
  std::vector<std::uint8_t> lungs;
};

Grid grid_of(const Index3& shape, const std::array<double, 3>& spacing) {
  return {shape, spacing, std::vector<std::uint8_t>(static_cast<std::size_t>(shape[0] * shape[1] * shape[2]), 2)};
}

HostHead background(const Index3& shape) {
  HostHead head(shape, 2, 4);
  for (std::size_t i = 1; i < head.values.size(); i += 2) head.values[i] = -4;
  return head;
}

void set_foreground(HostHead& head, const Index3& at, float logit) {
  const std::int64_t voxel = (at[0] * head.desc.shape.h + at[1]) * head.desc.shape.w + at[2];
  head.values[2 * voxel] = 1;
  head.values[2 * voxel + 1] = 1 + logit;
}

/// At or above a probability.
FoundCubes enclose(const HostHead& head, const Grid& grid, double threshold, std::int64_t least_voxels = 3,
                   std::int64_t most = most_proposals) {
  return enclose_foreground(head.view(), grid.lungs, {grid.spacing_mm, logit(threshold), least_voxels, most}, 2);
}

TEST(EncloseForeground, GivesTheCubeAroundEachComponent) {
  const Grid grid = grid_of({8, 8, 8}, {2, 2, 2});
  HostHead head = background({8, 8, 8});
  for (std::int64_t x = 1; x < 5; ++x) set_foreground(head, {2, 3, x}, 2);  // four in a row
  for (std::int64_t k = 5; k < 8; ++k) set_foreground(head, {k, 5, 5}, 1);  // three in a column
  set_foreground(head, {0, 7, 7}, 9);                                       // one alone: too small
  set_foreground(head, {1, 6, 7}, 9);
  const std::vector<Cube> cubes = enclose(head, grid, 0.5).best;
  ASSERT_EQ(cubes.size(), 2U);
  EXPECT_EQ(std::to_array(cubes[0].centre), (std::array<double, 3>{4, 6, 5}));
  EXPECT_EQ(cubes[0].side, 8);
  EXPECT_NEAR(cubes[0].logit, 2, 1e-6);
  EXPECT_EQ(std::to_array(cubes[1].centre), (std::array<double, 3>{12, 10, 10}));
  EXPECT_EQ(cubes[1].side, 6);
  EXPECT_NEAR(cubes[1].logit, 1, 1e-6);
}

TEST(EncloseForeground, LeavesOutWhatLiesOutsideTheLungsAndBelowTheThreshold) {
  Grid grid = grid_of({4, 4, 4}, {2, 2, 2});
  HostHead head = background({4, 4, 4});
  for (std::int64_t x = 0; x < 4; ++x) set_foreground(head, {0, 0, x}, 1);
  EXPECT_EQ(enclose(head, grid, 0.7).best.size(), 1U);
  EXPECT_EQ(enclose(head, grid, 0.75).best.size(), 0U);  // p = 0.731
  grid.lungs[1] = 0;                                     // leaves one voxel and two
  EXPECT_EQ(enclose(head, grid, 0.5).best.size(), 0U);
}

TEST(EncloseForeground, AThresholdOfZeroTakesAllOfTheLungs) {
  const Grid grid = grid_of({3, 4, 5}, {2, 2, 2});
  const std::vector<Cube> cubes = enclose(background({3, 4, 5}), grid, 0).best;
  ASSERT_EQ(cubes.size(), 1U);
  EXPECT_EQ(cubes[0].side, 10);
}

TEST(EncloseForeground, FindsAsManyComponentsAsANaiveLabelling) {
  const Index3 shape{9, 10, 11};
  const Grid grid = grid_of(shape, {1, 1, 1});
  std::mt19937 random(5);
  HostHead head = background(shape);
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
  EXPECT_GT(components, 10);
  EXPECT_EQ(enclose(head, grid, 0.5, 1).best.size(), static_cast<std::size_t>(components));
  const FoundCubes some = enclose(head, grid, 0.5, 1, 3);
  EXPECT_EQ(some.counts.kept, 3);
  EXPECT_EQ(some.counts.dropped, components - 3);
}

TEST(EncloseForeground, CountsWhatIsNotFinite) {
  const Grid grid = grid_of({4, 4, 4}, {2, 2, 2});
  HostHead head = background({4, 4, 4});
  for (const Index3& at : {Index3{0, 0, 0}, {1, 2, 3}}) set_foreground(head, at, INFINITY);
  EXPECT_EQ(enclose(head, grid, 0.5, 1).counts.not_finite, 2);
  EXPECT_TRUE(enclose(head, grid, 0.5, 1).best.empty());
}

}  // namespace
}  // namespace pleura::kernels
