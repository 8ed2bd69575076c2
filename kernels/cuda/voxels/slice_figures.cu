// A block has a slice: a thread adds up some words, the rest is left to atomics on whole numbers.
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/voxels/slice_figures.hpp"
#include "kernels/cuda/voxels/voxel_grid.cuh"

namespace pleura::kernels::cuda {
namespace {

/// The sum of the places of a word's ones.
__device__ inline int places(std::uint64_t word) {
  return ones(word & 0xaaaaaaaaaaaaaaaaU) + 2 * ones(word & 0xccccccccccccccccU) +
         4 * ones(word & 0xf0f0f0f0f0f0f0f0U) + 8 * ones(word & 0xff00ff00ff00ff00U) +
         16 * ones(word & 0xffff0000ffff0000U) + 32 * ones(word & 0xffffffff00000000U);
}

__global__ void measure_slices_kernel(const std::uint64_t* bits, SliceFigures* slices, const BitGrid grid) {
  __shared__ int low[2], high[2], voxels;
  __shared__ unsigned long long sum_x;
  if (threadIdx.x == 0) {
    low[0] = low[1] = INT32_MAX;
    high[0] = high[1] = voxels = 0;
    sum_x = 0;
  }
  __syncthreads();
  int own_low[2] = {INT32_MAX, INT32_MAX}, own_high[2] = {}, own_voxels = 0;
  unsigned long long own_sum = 0;
  const std::int64_t words = grid.height * grid.row_words, first = blockIdx.x * words;
  for (std::int64_t i = threadIdx.x; i < words; i += blockDim.x) {
    const std::uint64_t word = bits[first + i];
    if (word == 0) continue;
    const auto y = static_cast<int>(i / grid.row_words), x = static_cast<int>(i % grid.row_words * 64);
    own_low[0] = min(own_low[0], y);
    own_high[0] = max(own_high[0], y + 1);
    own_low[1] = min(own_low[1], x + lowest_one(word));
    own_high[1] = max(own_high[1], x + highest_one(word) + 1);
    own_voxels += ones(word);
    own_sum +=
        static_cast<unsigned long long>(x) * static_cast<unsigned>(ones(word)) + static_cast<unsigned>(places(word));
  }
  if (own_voxels > 0) {
#pragma unroll
    for (int axis = 0; axis < 2; ++axis) {
      atomicMin(low + axis, own_low[axis]);
      atomicMax(high + axis, own_high[axis]);
    }
    atomicAdd(&voxels, own_voxels);
    atomicAdd(&sum_x, own_sum);
  }
  __syncthreads();
  if (threadIdx.x != 0) return;
  if (voxels == 0) low[0] = low[1] = 0;
  slices[blockIdx.x] = {{low[0], low[1]}, {high[0], high[1]}, voxels, static_cast<std::int64_t>(sum_x)};
}

}  // namespace

void measure_slices(const std::uint64_t* bits, SliceFigures* slices, const std::array<std::int64_t, 3>& shape,
                    cudaStream_t stream) {
  const BitGrid grid(shape);
  measure_slices_kernel<<<blocks_for(grid.depth, 1, "measure_slices_kernel"), voxel_threads, 0, stream>>>(bits, slices,
                                                                                                          grid);
  check_launch("measure_slices_kernel");
}

}  // namespace pleura::kernels::cuda
