// Bound by memory: a warp makes a word, its lanes reading neighbouring voxels.
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/voxels/threshold.hpp"
#include "kernels/cuda/voxels/voxel_grid.cuh"

namespace pleura::kernels::cuda {
namespace {

__global__ void threshold_kernel(const std::int16_t* hu, std::uint64_t* bits, const BitGrid grid, int below,
                                 const int* lowest) {
  if (lowest != nullptr) below = max(below, *lowest + 1);
  write_word(bits, grid, [&](std::int64_t voxel) { return hu[voxel] < below; });
}

__global__ void begin_lowest_kernel(int* lowest) { *lowest = INT16_MAX; }

__global__ void find_lowest_kernel(const std::int16_t* hu, std::int64_t voxels, int* lowest) {
  int least = INT16_MAX;
  for (std::int64_t i = global_thread(); i < voxels; i += static_cast<std::int64_t>(gridDim.x) * blockDim.x)
    least = min(least, static_cast<int>(hu[i]));
  least = least_of_lanes(least);
  if (threadIdx.x % 32 == 0) atomicMin(lowest, least);
}

}  // namespace

void threshold(const std::int16_t* hu, std::uint64_t* bits, const std::array<std::int64_t, 3>& shape, int below,
               cudaStream_t stream) {
  threshold(hu, bits, shape, below, nullptr, stream);
}

void threshold(const std::int16_t* hu, std::uint64_t* bits, const std::array<std::int64_t, 3>& shape, int below,
               const int* lowest, cudaStream_t stream) {
  const BitGrid grid(shape);
  threshold_kernel<<<blocks_for(grid.words() * 32, voxel_threads, "threshold_kernel"), voxel_threads, 0, stream>>>(
      hu, bits, grid, below, lowest);
  check_launch("threshold_kernel");
}

void find_lowest(const std::int16_t* hu, std::int64_t voxels, int* lowest, cudaStream_t stream) {
  begin_lowest_kernel<<<1, 1, 0, stream>>>(lowest);
  check_launch("begin_lowest_kernel");
  constexpr std::int64_t voxels_a_thread = 64;
  const unsigned blocks = blocks_for(voxels, voxel_threads * voxels_a_thread, "find_lowest_kernel");
  find_lowest_kernel<<<blocks, voxel_threads, 0, stream>>>(hu, voxels, lowest);
  check_launch("find_lowest_kernel");
}

}  // namespace pleura::kernels::cuda
