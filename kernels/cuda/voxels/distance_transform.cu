// Along x, y, z in turn: each voxel takes the least sum over its line, searched outwards until nothing farther can be
// less. Neighbouring threads read neighbouring voxels.
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/voxels/distance_transform.hpp"
#include "kernels/cuda/voxels/voxel_grid.cuh"

namespace pleura::kernels::cuda {
namespace {

__device__ inline std::int64_t distance_of(std::uint8_t mask) { return mask != 0 ? 0 : no_distance; }
__device__ inline std::int64_t distance_of(std::int64_t distance) { return distance; }

template <class In>
__global__ void distance_kernel(const In* in, std::int64_t* out, std::int64_t voxels, std::int64_t size,
                                std::int64_t stride, std::int64_t spacing) {
  const std::int64_t voxel = global_thread();
  if (voxel >= voxels) return;
  const std::int64_t position = voxel / stride % size;
  std::int64_t least = distance_of(in[voxel]);
  for (std::int64_t k = 1; k <= position || k < size - position; ++k) {
    const std::int64_t square = k * spacing * k * spacing;
    if (square >= least) break;
    if (k <= position) least = min(least, distance_of(in[voxel - k * stride]) + square);
    if (k < size - position) least = min(least, distance_of(in[voxel + k * stride]) + square);
  }
  out[voxel] = least >= no_distance ? no_distance : least;
}

__global__ void fill_beyond_kernel(const std::int64_t* distances, std::int64_t limit, std::int16_t outside,
                                   std::int16_t* hu, std::int64_t voxels) {
  const std::int64_t voxel = global_thread();
  if (voxel < voxels && distances[voxel] > limit) hu[voxel] = outside;
}

}  // namespace

void squared_distances(const std::uint8_t* mask, std::int64_t* distances, std::int64_t* workspace,
                       const std::array<std::int64_t, 3>& shape, const std::array<std::int64_t, 3>& spacing,
                       cudaStream_t stream) {
  const std::int64_t voxels = shape[0] * shape[1] * shape[2];
  const unsigned blocks = blocks_for(voxels, voxel_threads, "distance_kernel");
  distance_kernel<std::uint8_t><<<blocks, voxel_threads, 0, stream>>>(mask, distances, voxels, shape[2], 1, spacing[2]);
  check_launch("distance_kernel");
  distance_kernel<std::int64_t>
      <<<blocks, voxel_threads, 0, stream>>>(distances, workspace, voxels, shape[1], shape[2], spacing[1]);
  check_launch("distance_kernel");
  distance_kernel<std::int64_t>
      <<<blocks, voxel_threads, 0, stream>>>(workspace, distances, voxels, shape[0], shape[1] * shape[2], spacing[0]);
  check_launch("distance_kernel");
}

void fill_beyond(const std::int64_t* distances, std::int64_t limit, std::int16_t outside, std::int16_t* hu,
                 std::int64_t voxels, cudaStream_t stream) {
  fill_beyond_kernel<<<blocks_for(voxels, voxel_threads, "fill_beyond_kernel"), voxel_threads, 0, stream>>>(
      distances, limit, outside, hu, voxels);
  check_launch("fill_beyond_kernel");
}

}  // namespace pleura::kernels::cuda
