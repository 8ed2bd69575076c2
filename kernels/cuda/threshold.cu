// Bound by memory: a warp makes a word, its lanes reading neighbouring voxels.
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/threshold.hpp"
#include "kernels/cuda/voxel_grid.cuh"

namespace pleura::kernels::cuda {
namespace {

__global__ void threshold_kernel(const std::int16_t* hu, std::uint64_t* bits, const BitGrid grid, int below,
                                 const int* lowest) {
  if (lowest != nullptr) below = max(below, *lowest + 1);
  const std::int64_t word = global_thread() / 32;
  if (word >= grid.depth * grid.height * grid.row_words) return;
  const std::int64_t row = word / grid.row_words;
  const std::int64_t low = word % grid.row_words * 64 + threadIdx.x % 32, high = low + 32;
  const std::int16_t* voxels = hu + row * grid.width;
  const std::uint64_t low_half = __ballot_sync(0xffffffffU, low < grid.width && voxels[low] < below);
  const std::uint64_t high_half = __ballot_sync(0xffffffffU, high < grid.width && voxels[high] < below);
  if (threadIdx.x % 32 == 0) bits[word] = low_half | high_half << 32;
}

__global__ void begin_lowest_kernel(int* lowest) { *lowest = INT16_MAX; }

__global__ void find_lowest_kernel(const std::int16_t* hu, std::int64_t voxels, int* lowest) {
  int least = INT16_MAX;
  for (std::int64_t i = global_thread(); i < voxels; i += static_cast<std::int64_t>(gridDim.x) * blockDim.x)
    least = min(least, static_cast<int>(hu[i]));
  for (int step = 16; step > 0; step /= 2) least = min(least, __shfl_xor_sync(0xffffffffU, least, step));
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
