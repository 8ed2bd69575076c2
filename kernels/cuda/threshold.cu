// Bound by memory: a warp makes a word, its lanes reading neighbouring voxels.
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/threshold.hpp"
#include "kernels/cuda/voxel_grid.cuh"

namespace pleura::kernels::cuda {
namespace {

__global__ void threshold_kernel(const std::int16_t* hu, std::uint64_t* bits, const BitGrid grid, int below) {
  const std::int64_t word = global_thread() / 32;
  if (word >= grid.depth * grid.height * grid.row_words) return;
  const std::int64_t row = word / grid.row_words;
  const std::int64_t low = word % grid.row_words * 64 + threadIdx.x % 32, high = low + 32;
  const std::int16_t* voxels = hu + row * grid.width;
  const std::uint64_t low_half = __ballot_sync(0xffffffffU, low < grid.width && voxels[low] < below);
  const std::uint64_t high_half = __ballot_sync(0xffffffffU, high < grid.width && voxels[high] < below);
  if (threadIdx.x % 32 == 0) bits[word] = low_half | high_half << 32;
}

}  // namespace

void threshold(const std::int16_t* hu, std::uint64_t* bits, const std::array<std::int64_t, 3>& shape, int below,
               cudaStream_t stream) {
  const BitGrid grid(shape);
  threshold_kernel<<<blocks_for(grid.words() * 32, voxel_threads, "threshold_kernel"), voxel_threads, 0, stream>>>(
      hu, bits, grid, below);
  check_launch("threshold_kernel");
}

}  // namespace pleura::kernels::cuda
