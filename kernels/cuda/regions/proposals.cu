// A proposal's key is its logit, turned so that the best is the smallest number, above its place in the head: no two
// are equal, and every way to sort them gives one order. The keys at or above the threshold are gathered in the order
// of the head; one block finds the most-th smallest by its digits, where there are more, and sorts the best.
#include <cmath>
#include <string>

#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/regions/best_keys.cuh"
#include "kernels/cuda/regions/proposals.hpp"
#include "kernels/cuda/voxels/scan.hpp"
#include "kernels/cuda/voxels/voxel_grid.cuh"
#include "pleura/error.hpp"

namespace pleura::kernels::cuda {
namespace {

/// ProposalHead as kernels take it.
struct HeadArguments {
  std::int64_t height, width, pitch, anchors, values, size, stride;
  double spacing_z, spacing_y, spacing_x, lowest_logit, largest_log_scale;
  const double* anchors_mm;
};

/// Words of 32 proposals: how many of them count.
std::int64_t groups(std::int64_t size) { return (size + 31) / 32; }

__device__ inline const float* proposal(const float* logits, const HeadArguments& head, std::int64_t i) {
  return logits + i / head.anchors * head.pitch + i % head.anchors * head.values;
}

__device__ inline bool counts(const float* logits, const HeadArguments& head, std::int64_t i) {
  return i < head.size && !(static_cast<double>(*proposal(logits, head, i)) < head.lowest_logit);
}

__global__ void count_proposals_kernel(const float* logits, const HeadArguments head, std::int32_t* group_counts,
                                       CubeCounts* total) {
  const std::int64_t i = global_thread();
  bool finite = true;
  if (i < head.size)
    for (std::int64_t k = 0; k < head.values; ++k) finite = finite && fabsf(proposal(logits, head, i)[k]) < INFINITY;
  const unsigned found = __ballot_sync(0xffffffffU, counts(logits, head, i));
  const unsigned wrong = __ballot_sync(0xffffffffU, !finite);
  if (threadIdx.x % 32 != 0 || i >= head.size) return;
  group_counts[i / 32] = __popc(found);
  if (wrong != 0) atomicAdd(&total->not_finite, __popc(wrong));
}

__device__ inline Key key_of(float logit, std::int64_t place) {
  const unsigned bits = __float_as_uint(logit == 0 ? 0.0F : logit);  // -0 is 0
  const unsigned rising = (bits >> 31) != 0 ? ~bits : bits | 0x80000000U;
  return static_cast<Key>(~rising) << 32 | static_cast<Key>(place);
}

__global__ void write_keys_kernel(const float* logits, const HeadArguments head, const std::int32_t* first_of_group,
                                  Key* keys) {
  const std::int64_t i = global_thread();
  const bool is_found = counts(logits, head, i);
  const unsigned found = __ballot_sync(0xffffffffU, is_found);
  if (!is_found) return;
  const int before = __popc(found & ((1U << (threadIdx.x % 32)) - 1));
  keys[first_of_group[i / 32] + before] = key_of(*proposal(logits, head, i), i);
}

__device__ inline Cube decode(const float* logits, const HeadArguments& head, std::int64_t i) {
  const float* value = proposal(logits, head, i);
  const double anchor = head.anchors_mm[i % head.anchors];
  const std::int64_t cell = i / head.anchors, row = cell / head.width;
  Cube cube;
  cube.centre[0] = proposed_centre(row / head.height, head.stride, head.spacing_z, value[1], anchor);
  cube.centre[1] = proposed_centre(row % head.height, head.stride, head.spacing_y, value[2], anchor);
  cube.centre[2] = proposed_centre(cell % head.width, head.stride, head.spacing_x, value[3], anchor);
  cube.side = product(anchor, exp(clamped_log_scale(value[4], head.largest_log_scale)));
  cube.logit = value[0];
  return cube;
}

/// In one block of select_threads.
__global__ void select_proposals_kernel(const float* logits, const HeadArguments head, const Key* keys,
                                        const std::int32_t* found, std::int32_t most, Cube* cubes, CubeCounts* total) {
  __shared__ BestKeys shared;
  const std::int32_t count = *found, kept = min(count, most);
  take_best(keys, count, kept, shared);
  for (auto i = static_cast<std::int32_t>(threadIdx.x); i < kept; i += static_cast<std::int32_t>(blockDim.x))
    cubes[i] = decode(logits, head, static_cast<std::int64_t>(shared.best[i] & 0xffffffffU));
  if (threadIdx.x != 0) return;
  total->kept = kept;
  total->dropped = count - kept;
}

/// LungVoxels as kernels take it.
struct LungArguments {
  std::int64_t shape[3];
  double spacing_mm[3];
  const std::uint8_t* lungs;
};

__device__ inline bool is_inside(const Cube& cube, const LungArguments& grid) {
  std::int64_t voxel = 0;
#pragma unroll
  for (int axis = 0; axis < 3; ++axis) {
    const std::int64_t index = nearest_voxel(cube.centre[axis], grid.spacing_mm[axis], grid.shape[axis]);
    if (index < 0) return false;
    voxel = voxel * grid.shape[axis] + index;
  }
  return grid.lungs[voxel] != 0;
}

/// In one warp.
__global__ void keep_inside_lungs_kernel(const Cube* cubes, const CubeCounts* counts, const LungArguments grid,
                                         std::int32_t most, Cube* inside, CubeCounts* inside_counts) {
  std::int32_t total = 0;
  for (std::int32_t first = 0; first < counts->kept; first += 32) {
    const std::int32_t i = first + static_cast<std::int32_t>(threadIdx.x);
    const bool is_kept = i < counts->kept && is_inside(cubes[i], grid);
    const unsigned kept = __ballot_sync(0xffffffffU, is_kept);
    const std::int32_t place = total + __popc(kept & ((1U << threadIdx.x) - 1));
    if (is_kept && place < most) inside[place] = cubes[i];
    total += __popc(kept);
  }
  if (threadIdx.x == 0) *inside_counts = {min(total, most), total - min(total, most), counts->not_finite};
}

}  // namespace

std::int64_t decode_proposals_workspace_bytes(const ProposalHead& head) {
  return head.size() * static_cast<std::int64_t>(sizeof(Key)) + (groups(head.size()) + 1) * 4;
}

void decode_proposals(const float* logits, const ProposalHead& head, std::int64_t most, Cube* cubes, CubeCounts* counts,
                      void* workspace, cudaStream_t stream) {
  const std::int64_t size = head.size();
  if (most < 1 || most > most_proposals || size > INT32_MAX)
    throw Error(Status::internal, "decode_proposals: " + std::to_string(most) + " of " + std::to_string(size) +
                                      " proposals, expected 1 to " + std::to_string(most_proposals) +
                                      " of at most 2147483647");
  const HeadArguments arguments{head.cells[1],      head.cells[2],      head.pitch,
                                head.anchors,       head.values,        size,
                                head.stride,        head.spacing_mm[0], head.spacing_mm[1],
                                head.spacing_mm[2], head.lowest_logit,  head.largest_log_scale,
                                head.anchors_mm};
  auto* keys = static_cast<Key*>(workspace);
  auto* group_counts = reinterpret_cast<std::int32_t*>(keys + size);
  check(cudaMemsetAsync(counts, 0, sizeof *counts, stream), "cudaMemsetAsync of the proposals' counts");
  const unsigned blocks = blocks_for(size, voxel_threads, "count_proposals_kernel");
  count_proposals_kernel<<<blocks, voxel_threads, 0, stream>>>(logits, arguments, group_counts, counts);
  check_launch("count_proposals_kernel");
  scan(group_counts, groups(size), stream);
  write_keys_kernel<<<blocks, voxel_threads, 0, stream>>>(logits, arguments, group_counts, keys);
  check_launch("write_keys_kernel");
  select_proposals_kernel<<<1, select_threads, 0, stream>>>(logits, arguments, keys, group_counts + groups(size),
                                                            static_cast<std::int32_t>(most), cubes, counts);
  check_launch("select_proposals_kernel");
}

void keep_inside_lungs(const Cube* cubes, const CubeCounts* counts, const LungVoxels& grid, std::int32_t most,
                       Cube* inside, CubeCounts* inside_counts, cudaStream_t stream) {
  const LungArguments arguments{{grid.shape[0], grid.shape[1], grid.shape[2]},
                                {grid.spacing_mm[0], grid.spacing_mm[1], grid.spacing_mm[2]},
                                grid.lungs};
  keep_inside_lungs_kernel<<<1, 32, 0, stream>>>(cubes, counts, arguments, most, inside, inside_counts);
  check_launch("keep_inside_lungs_kernel");
}

}  // namespace pleura::kernels::cuda
