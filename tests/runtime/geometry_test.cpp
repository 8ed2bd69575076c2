#include <gtest/gtest.h>

#include "pleura/volume.hpp"

namespace pleura {
namespace {

TEST(Geometry, WorldAndIndexAreInverse) {
  Geometry geometry{{10, 20, 30}, {5, 0.7, 0.8}, {-100, -120, 40}, {{{0, 0, 1}, {0.6, 0.8, 0}, {0.8, -0.6, 0}}}};
  const std::array<double, 3> index{3.5, 7, 11.25};
  const auto back = geometry.to_index(geometry.to_world(index));
  for (int axis = 0; axis < 3; ++axis) EXPECT_NEAR(back[axis], index[axis], 1e-12);
}

TEST(Geometry, BoxReachesHalfAVoxelAroundCentres) {
  const Geometry geometry{{10, 20, 30}, {5, 1, 2}, {-100, -120, 40}};
  const WorldBox box = to_world(geometry, {{1, 2, 3}, {2, 4, 6}});
  EXPECT_EQ(box.low, (Point3{-100 + 2 * 3 - 1, -120 + 2 - 0.5, 40 + 5 - 2.5}));
  EXPECT_EQ(box.high, (Point3{-100 + 2 * 6 - 1, -120 + 4 - 0.5, 40 + 10 - 2.5}));
}

}  // namespace
}  // namespace pleura
