// A block counts some words' voxels in shared memory, then adds what it has.
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/voxels/hu_counts.hpp"
#include "kernels/cuda/voxels/voxel_grid.cuh"

namespace pleura::kernels::cuda {
namespace {

constexpr int lowest = HuCounts::lowest, size = HuCounts::size;

__global__ void count_hu_kernel(const std::int16_t* hu, const std::uint64_t* bits, const BitGrid grid,
                                unsigned long long* counts) {
  __shared__ unsigned own[size];
  for (int i = static_cast<int>(threadIdx.x); i < size; i += static_cast<int>(blockDim.x)) own[i] = 0;
  __syncthreads();
  const std::int64_t words = grid.depth * grid.height * grid.row_words;
  for (std::int64_t i = global_thread(); i < words; i += static_cast<std::int64_t>(gridDim.x) * blockDim.x) {
    const std::int16_t* first = hu + i / grid.row_words * grid.width + i % grid.row_words * 64;
    for (std::uint64_t left = bits[i]; left != 0; left &= left - 1) {
      const int value = first[lowest_one(left)] - lowest;
      atomicAdd(own + max(0, min(value, size - 1)), 1U);
    }
  }
  __syncthreads();
  for (int i = static_cast<int>(threadIdx.x); i < size; i += static_cast<int>(blockDim.x))
    if (own[i] != 0) atomicAdd(counts + i, static_cast<unsigned long long>(own[i]));
}

}  // namespace

void count_hu(const std::int16_t* hu, const std::uint64_t* bits, const std::array<std::int64_t, 3>& shape,
              unsigned long long* counts, cudaStream_t stream) {
  const BitGrid grid(shape);
  check(cudaMemsetAsync(counts, 0, size * sizeof *counts, stream), "cudaMemsetAsync of counts");
  constexpr std::int64_t words_a_thread = 16;
  const unsigned blocks = blocks_for(grid.words(), voxel_threads * words_a_thread, "count_hu_kernel");
  count_hu_kernel<<<blocks, voxel_threads, 0, stream>>>(hu, bits, grid, counts);
  check_launch("count_hu_kernel");
}

}  // namespace pleura::kernels::cuda
