#include <algorithm>
#include <limits>

#include "pleura/volume.hpp"

namespace pleura {

Point3 Geometry::to_world(const std::array<double, 3>& index) const {
  Point3 point = origin;
  for (int axis = 0; axis < 3; ++axis)
    for (int k = 0; k < 3; ++k) point[k] += direction[axis][k] * spacing[axis] * index[axis];
  return point;
}

std::array<double, 3> Geometry::to_index(const Point3& point) const {
  std::array<double, 3> index{};
  for (int axis = 0; axis < 3; ++axis) {  // the directions are orthonormal
    for (int k = 0; k < 3; ++k) index[axis] += direction[axis][k] * (point[k] - origin[k]);
    index[axis] /= spacing[axis];
  }
  return index;
}

WorldBox to_world(const Geometry& geometry, const VoxelBox& box) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  WorldBox world{{inf, inf, inf}, {-inf, -inf, -inf}};
  for (int corner = 0; corner < 8; ++corner) {
    std::array<double, 3> index{};
    for (int axis = 0; axis < 3; ++axis)
      index[axis] = static_cast<double>((corner >> axis & 1) ? box.high[axis] : box.low[axis]) - 0.5;
    const Point3 point = geometry.to_world(index);
    for (int k = 0; k < 3; ++k) {
      world.low[k] = std::min(world.low[k], point[k]);
      world.high[k] = std::max(world.high[k], point[k]);
    }
  }
  return world;
}

}  // namespace pleura
