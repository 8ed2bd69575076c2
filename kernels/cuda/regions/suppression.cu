// Every pair of cubes is compared at once, 64 to a thread, into a table of bits: who overlaps whom too much. One block
// then goes through the cubes, best first, and strikes out what each one kept overlaps.
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/regions/suppression.hpp"
#include "kernels/cuda/voxels/voxel_grid.cuh"

namespace pleura::kernels::cuda {
namespace {

/// Bit k of word w of cube i: cube 64 w + k comes later and overlaps it too much.
__global__ void overlaps_kernel(const Cube* cubes, const CubeCounts* counts, double nms_iou,
                                unsigned long long* table) {
  const std::int64_t index = global_thread(), count = counts->kept, words = (count + 63) / 64;
  if (index >= count * words) return;
  const std::int64_t i = index / words, first = index % words * 64;
  const Cube cube = cubes[i];
  unsigned long long bits = 0;
  for (int k = 0; k < 64; ++k)
    if (first + k > i && first + k < count && iou(cube, cubes[first + k]) >= nms_iou) bits |= 1ULL << k;
  table[index] = bits;
}

__global__ void sweep_kernel(const Cube* cubes, const CubeCounts* counts, const unsigned long long* table,
                             unsigned long long* struck, Cube* kept, CubeCounts* kept_counts) {
  const std::int64_t count = counts->kept, words = (count + 63) / 64;
  for (std::int64_t word = threadIdx.x; word < words; word += blockDim.x) struck[word] = 0;
  std::int32_t size = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    __syncthreads();
    if ((struck[i / 64] >> (i % 64) & 1) != 0) continue;  // for all threads alike
    if (threadIdx.x == 0) kept[size] = cubes[i];
    ++size;
    __syncthreads();
    for (std::int64_t word = threadIdx.x; word < words; word += blockDim.x) struck[word] |= table[i * words + word];
  }
  if (threadIdx.x == 0) *kept_counts = {size, 0, counts->not_finite};
}

}  // namespace

std::int64_t suppress_workspace_bytes(std::int64_t room) {
  return (room + 1) * ((room + 63) / 64) * static_cast<std::int64_t>(sizeof(unsigned long long));
}

void suppress_overlaps(const Cube* cubes, const CubeCounts* counts, std::int64_t room, double nms_iou, Cube* kept,
                       CubeCounts* kept_counts, unsigned long long* workspace, cudaStream_t stream) {
  const std::int64_t pairs = room * ((room + 63) / 64);
  overlaps_kernel<<<blocks_for(pairs, voxel_threads, "overlaps_kernel"), voxel_threads, 0, stream>>>(
      cubes, counts, nms_iou, workspace);
  check_launch("overlaps_kernel");
  constexpr unsigned sweep_threads = 64;
  sweep_kernel<<<1, sweep_threads, 0, stream>>>(cubes, counts, workspace, workspace + pairs, kept, kept_counts);
  check_launch("sweep_kernel");
}

}  // namespace pleura::kernels::cuda
