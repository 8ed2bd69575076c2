#include "kernels/distance_transform.hpp"

#include <algorithm>

namespace pleura::kernels::reference {

std::vector<std::int64_t> squared_distances(const std::vector<std::uint8_t>& mask, const Index3& shape,
                                            const std::array<std::int64_t, 3>& spacing) {
  std::vector<Index3> voxels, set;
  for (std::int64_t z = 0; z < shape[0]; ++z)
    for (std::int64_t y = 0; y < shape[1]; ++y)
      for (std::int64_t x = 0; x < shape[2]; ++x) {
        if (mask[voxels.size()] != 0) set.push_back({z, y, x});
        voxels.push_back({z, y, x});
      }
  std::vector<std::int64_t> distances(voxels.size(), no_distance);
  for (std::size_t i = 0; i < voxels.size(); ++i)
    for (const Index3& other : set) {
      std::int64_t square = 0;
      for (int axis = 0; axis < 3; ++axis) {
        const std::int64_t away = (voxels[i][axis] - other[axis]) * spacing[axis];
        square += away * away;
      }
      distances[i] = std::min(distances[i], square);
    }
  return distances;
}

}  // namespace pleura::kernels::reference
