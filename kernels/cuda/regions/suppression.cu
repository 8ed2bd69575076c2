// Every pair of cubes is compared at once, 64 to a thread, into a table of bits: who overlaps whom too much. One block
// then goes through the cubes, best first, and strikes out what each one kept overlaps.
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/regions/suppression.hpp"
#include "kernels/cuda/voxels/voxel_grid.cuh"

namespace pleura::kernels::cuda {
namespace {

/// Products that no sum is fused with: overlaps are the CPU's to the last bit.
__device__ inline double iou(const ProposedCube& a, const ProposedCube& b) {
  double intersection = 1;
  for (int axis = 0; axis < 3; ++axis) {
    // Halves are exact, fused or not.
    const double low_a = a.centre[axis] - a.side / 2, low_b = b.centre[axis] - b.side / 2;
    const double high_a = a.centre[axis] + a.side / 2, high_b = b.centre[axis] + b.side / 2;
    const double low = low_a > low_b ? low_a : low_b, high = high_a < high_b ? high_a : high_b;
    if (high <= low) return 0;
    intersection = __dmul_rn(intersection, high - low);
  }
  const double of_a = __dmul_rn(__dmul_rn(a.side, a.side), a.side), of_b = __dmul_rn(__dmul_rn(b.side, b.side), b.side);
  return intersection / (of_a + of_b - intersection);
}

/// Bit k of word w of cube i: cube 64 w + k comes later and overlaps it too much.
__global__ void overlaps_kernel(const ProposedCube* cubes, std::int64_t count, double nms_iou,
                                unsigned long long* table) {
  const std::int64_t index = global_thread(), words = (count + 63) / 64;
  if (index >= count * words) return;
  const std::int64_t i = index / words, first = index % words * 64;
  const ProposedCube cube = cubes[i];
  unsigned long long bits = 0;
  for (int k = 0; k < 64; ++k)
    if (first + k > i && first + k < count && iou(cube, cubes[first + k]) >= nms_iou) bits |= 1ULL << k;
  table[index] = bits;
}

__global__ void sweep_kernel(const unsigned long long* table, std::int64_t count, unsigned long long* struck,
                             std::int32_t* kept, std::int32_t* kept_count) {
  const std::int64_t words = (count + 63) / 64;
  for (std::int64_t word = threadIdx.x; word < words; word += blockDim.x) struck[word] = 0;
  std::int32_t size = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    __syncthreads();
    if ((struck[i / 64] >> (i % 64) & 1) != 0) continue;  // for all threads alike
    if (threadIdx.x == 0) kept[size] = static_cast<std::int32_t>(i);
    ++size;
    __syncthreads();
    for (std::int64_t word = threadIdx.x; word < words; word += blockDim.x) struck[word] |= table[i * words + word];
  }
  if (threadIdx.x == 0) *kept_count = size;
}

}  // namespace

std::int64_t suppress_workspace_bytes(std::int64_t count) {
  return (count + 1) * ((count + 63) / 64) * static_cast<std::int64_t>(sizeof(unsigned long long));
}

void suppress_overlaps(const ProposedCube* cubes, std::int64_t count, double nms_iou, std::int32_t* kept,
                       std::int32_t* kept_count, unsigned long long* workspace, cudaStream_t stream) {
  const std::int64_t pairs = count * ((count + 63) / 64);
  overlaps_kernel<<<blocks_for(pairs, voxel_threads, "overlaps_kernel"), voxel_threads, 0, stream>>>(
      cubes, count, nms_iou, workspace);
  check_launch("overlaps_kernel");
  constexpr unsigned sweep_threads = 64;
  sweep_kernel<<<1, sweep_threads, 0, stream>>>(workspace, count, workspace + pairs, kept, kept_count);
  check_launch("sweep_kernel");
}

}  // namespace pleura::kernels::cuda
