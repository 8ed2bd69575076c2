// A block counts some words' voxels in shared memory, then adds what it has; a warp finds the median of the counts.
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

/// In one warp: a lane has some counts side by side; the one in whose the half is reached goes through them.
__global__ void find_median_kernel(const unsigned long long* counts, HuMedian* median) {
  constexpr int of_lane = size / 32;
  const auto lane = static_cast<int>(threadIdx.x);
  unsigned long long own = 0;
  for (int i = 0; i < of_lane; ++i) own += counts[lane * of_lane + i];
  unsigned long long up_to = own;  // this lane's last
  for (int step = 1; step < 32; step *= 2) {
    const unsigned long long before = __shfl_up_sync(0xffffffffU, up_to, step);
    if (lane >= step) up_to += before;
  }
  const unsigned long long total = __shfl_sync(0xffffffffU, up_to, 31), half = (total + 1) / 2;
  if (lane == 0 && total == 0) *median = {0, lowest};
  if (total == 0 || up_to < half || up_to - own >= half) return;
  int hu = lane * of_lane;
  for (unsigned long long below = up_to - own + counts[hu]; below < half; below += counts[++hu]) {
  }
  *median = {static_cast<std::int64_t>(total), lowest + hu};
}

}  // namespace

void find_median(const std::int16_t* hu, const std::uint64_t* bits, const std::array<std::int64_t, 3>& shape,
                 unsigned long long* counts, HuMedian* median, cudaStream_t stream) {
  const BitGrid grid(shape);
  check(cudaMemsetAsync(counts, 0, size * sizeof *counts, stream), "cudaMemsetAsync of counts");
  constexpr std::int64_t words_a_thread = 16;
  const unsigned blocks = blocks_for(grid.words(), voxel_threads * words_a_thread, "count_hu_kernel");
  count_hu_kernel<<<blocks, voxel_threads, 0, stream>>>(hu, bits, grid, counts);
  check_launch("count_hu_kernel");
  find_median_kernel<<<1, 32, 0, stream>>>(counts, median);
  check_launch("find_median_kernel");
}

}  // namespace pleura::kernels::cuda
