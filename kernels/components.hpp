#pragma once
/// Connected components of a binary volume, as runs of voxels along x.
#include <cstdint>
#include <vector>

#include "kernels/bit_volume.hpp"

namespace pleura::kernels {

/// Which voxels are neighbours: those that share an edge in a slice (4 each), or a face in the volume (6 each).
enum class Connectivity { in_slice, in_volume };

/// Voxels [begin, end) of row (z, y), all of one component.
struct Run {
  std::int32_t z = 0, y = 0, begin = 0, end = 0;
  std::int32_t component = 0;
  bool operator==(const Run&) const = default;
};

struct Component {
  std::int64_t voxels = 0;
  VoxelBox box;
  std::array<std::int64_t, 3> index_sum{};  ///< of its voxels' (z, y, x): over voxels, the centroid
  bool operator==(const Component&) const = default;
};

/// Runs in raster order; components numbered by their first voxel in raster order, whatever the threads.
struct Components {
  std::vector<Run> runs;
  std::vector<std::int64_t> first_run;  ///< of each slice, and one past the last: shape[0] + 1 values
  std::vector<Component> list;
};

[[nodiscard]] Components find_components(const BitVolume& bits, Connectivity connectivity, int threads);

/// How many of each component's voxels are ones in another volume of the same shape.
[[nodiscard]] std::vector<std::int64_t> count_in(const Components& components, const BitVolume& other, int threads);

/// The voxels of the components that are wanted (one value each, not 0).
[[nodiscard]] BitVolume draw(const Components& components, const std::vector<std::uint8_t>& wanted, const Index3& shape,
                             int threads);

namespace reference {
[[nodiscard]] Components find_components(const BitVolume& bits, Connectivity connectivity);
}  // namespace reference

}  // namespace pleura::kernels
