// A thread adds up some words, a warp what its threads have; the rest is left to atomics on whole numbers.
#include "kernels/cuda/bit_figures.hpp"
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/voxel_grid.cuh"

namespace pleura::kernels::cuda {
namespace {

/// The sum of the places of a word's ones.
__device__ inline int places(std::uint64_t word) {
  return ones(word & 0xaaaaaaaaaaaaaaaaU) + 2 * ones(word & 0xccccccccccccccccU) +
         4 * ones(word & 0xf0f0f0f0f0f0f0f0U) + 8 * ones(word & 0xff00ff00ff00ff00U) +
         16 * ones(word & 0xffff0000ffff0000U) + 32 * ones(word & 0xffffffff00000000U);
}

__global__ void begin_figures_kernel(BitFigures* figures, int height) { *figures = {0, 0, height, 0}; }

__global__ void measure_bits_kernel(const std::uint64_t* bits, std::int64_t words, const BitGrid grid,
                                    BitFigures* figures) {
  unsigned long long count = 0, sum_x = 0;
  int low_y = INT32_MAX, high_y = -1;
  for (std::int64_t i = global_thread(); i < words; i += static_cast<std::int64_t>(gridDim.x) * blockDim.x) {
    const std::uint64_t word = bits[i];
    if (word == 0) continue;
    count += static_cast<unsigned>(ones(word));
    sum_x += static_cast<unsigned long long>(i % grid.row_words * 64 * ones(word) + places(word));
    const auto y = static_cast<int>(i / grid.row_words % grid.height);
    low_y = min(low_y, y);
    high_y = max(high_y, y);
  }
  count = sum_of_lanes(count);
  sum_x = sum_of_lanes(sum_x);
  low_y = least_of_lanes(low_y);
  high_y = most_of_lanes(high_y);
  if (threadIdx.x % 32 != 0 || count == 0) return;
  atomicAdd(&figures->count, count);
  atomicAdd(&figures->sum_x, sum_x);
  atomicMin(&figures->low_y, low_y);
  atomicMax(&figures->high_y, high_y);
}

}  // namespace

void measure_bits(const std::uint64_t* bits, const std::array<std::int64_t, 3>& shape, std::int64_t low,
                  std::int64_t high, BitFigures* figures, cudaStream_t stream) {
  const BitGrid grid(shape);
  const std::int64_t slice_words = grid.height * grid.row_words, words = (high - low) * slice_words;
  begin_figures_kernel<<<1, 1, 0, stream>>>(figures, static_cast<int>(grid.height));
  check_launch("begin_figures_kernel");
  constexpr std::int64_t words_a_thread = 16;
  const unsigned blocks = blocks_for(words, voxel_threads * words_a_thread, "measure_bits_kernel");
  measure_bits_kernel<<<blocks, voxel_threads, 0, stream>>>(bits + low * slice_words, words, grid, figures);
  check_launch("measure_bits_kernel");
}

}  // namespace pleura::kernels::cuda
