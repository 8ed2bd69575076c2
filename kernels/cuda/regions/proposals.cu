// A proposal's key is its logit, turned so that the best is the smallest number, above its place in the head: no two
// are equal, and every way to sort them gives one order. The keys at or above the threshold are gathered in the order
// of the head; one block finds the most-th smallest by its digits, where there are more, and sorts the best.
#include <cmath>
#include <string>

#include "kernels/cuda/element.cuh"
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
  std::int64_t height, width, pitch, anchors, values, size;
  double stride, spacing_z, spacing_y, spacing_x, lowest_logit, largest_log_scale;
  const double* anchors_mm;
};

/// Words of 32 proposals: how many of them count.
std::int64_t groups(std::int64_t size) { return (size + 31) / 32; }

template <class Element>
__device__ inline const Element* proposal(const Element* logits, const HeadArguments& head, std::int64_t i) {
  return logits + i / head.anchors * head.pitch + i % head.anchors * head.values;
}

template <class Element>
__device__ inline bool counts(const Element* logits, const HeadArguments& head, std::int64_t i) {
  return i < head.size && !(static_cast<double>(to_float(*proposal(logits, head, i))) < head.lowest_logit);
}

template <class Element>
__global__ void count_proposals_kernel(const Element* logits, const HeadArguments head, std::int32_t* group_counts,
                                       ProposalCounts* total) {
  const std::int64_t i = global_thread();
  bool finite = true;
  if (i < head.size)
    for (std::int64_t k = 0; k < head.values; ++k)
      finite = finite && fabsf(to_float(proposal(logits, head, i)[k])) < INFINITY;
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

template <class Element>
__global__ void write_keys_kernel(const Element* logits, const HeadArguments head, const std::int32_t* first_of_group,
                                  Key* keys) {
  const std::int64_t i = global_thread();
  const bool is_found = counts(logits, head, i);
  const unsigned found = __ballot_sync(0xffffffffU, is_found);
  if (!is_found) return;
  const int before = __popc(found & ((1U << (threadIdx.x % 32)) - 1));
  keys[first_of_group[i / 32] + before] = key_of(to_float(*proposal(logits, head, i)), i);
}

template <class Element>
__device__ inline ProposedCube decode(const Element* logits, const HeadArguments& head, std::int64_t i) {
  const Element* value = proposal(logits, head, i);
  const double anchor = head.anchors_mm[i % head.anchors];
  const std::int64_t cell = i / head.anchors, row = cell / head.width;
  const auto along = [&](std::int64_t index, double spacing, int axis) {
    const double voxel = static_cast<double>(index) * head.stride + (head.stride - 1) / 2;  // exact
    return __dadd_rn(__dmul_rn(voxel, spacing), __dmul_rn(to_float(value[1 + axis]), anchor));
  };
  ProposedCube cube;
  cube.centre[0] = along(row / head.height, head.spacing_z, 0);
  cube.centre[1] = along(row % head.height, head.spacing_y, 1);
  cube.centre[2] = along(cell % head.width, head.spacing_x, 2);
  const double log_scale = to_float(value[4]), most = head.largest_log_scale;
  cube.side = __dmul_rn(anchor, exp(log_scale < -most ? -most : log_scale > most ? most : log_scale));
  cube.logit = to_float(value[0]);
  return cube;
}

/// In one block of select_threads.
template <class Element>
__global__ void select_proposals_kernel(const Element* logits, const HeadArguments head, const Key* keys,
                                        const std::int32_t* found, std::int32_t most, ProposedCube* cubes,
                                        ProposalCounts* total) {
  __shared__ BestKeys shared;
  const std::int32_t count = *found, kept = min(count, most);
  take_best(keys, count, kept, shared);
  for (auto i = static_cast<std::int32_t>(threadIdx.x); i < kept; i += static_cast<std::int32_t>(blockDim.x))
    cubes[i] = decode(logits, head, static_cast<std::int64_t>(shared.best[i] & 0xffffffffU));
  if (threadIdx.x != 0) return;
  total->found = count;
  total->kept = kept;
}

template <class Element>
void launch(const Element* logits, const ProposalHead& head, std::int64_t most, ProposedCube* cubes,
            ProposalCounts* counts, void* workspace, cudaStream_t stream) {
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
  count_proposals_kernel<Element><<<blocks, voxel_threads, 0, stream>>>(logits, arguments, group_counts, counts);
  check_launch("count_proposals_kernel");
  scan(group_counts, groups(size), stream);
  write_keys_kernel<Element><<<blocks, voxel_threads, 0, stream>>>(logits, arguments, group_counts, keys);
  check_launch("write_keys_kernel");
  select_proposals_kernel<Element><<<1, select_threads, 0, stream>>>(
      logits, arguments, keys, group_counts + groups(size), static_cast<std::int32_t>(most), cubes, counts);
  check_launch("select_proposals_kernel");
}

/// LungVoxels as kernels take it.
struct LungArguments {
  std::int64_t shape[3];
  double spacing_mm[3];
  const std::uint8_t* lungs;
};

__device__ inline bool is_inside(const ProposedCube& cube, const LungArguments& grid) {
  std::int64_t voxel = 0;
#pragma unroll
  for (int axis = 0; axis < 3; ++axis) {
    const double index = floor(cube.centre[axis] / grid.spacing_mm[axis] + 0.5);
    if (!(index >= 0 && index < static_cast<double>(grid.shape[axis]))) return false;
    voxel = voxel * grid.shape[axis] + static_cast<std::int64_t>(index);
  }
  return grid.lungs[voxel] != 0;
}

/// In one warp.
__global__ void keep_inside_lungs_kernel(const ProposedCube* cubes, const std::int32_t* numbers,
                                         const std::int32_t* count, const LungArguments grid, std::int32_t most,
                                         ProposedCube* inside, InsideCounts* counts) {
  std::int32_t total = 0;
  for (std::int32_t first = 0; first < *count; first += 32) {
    const std::int32_t i = first + static_cast<std::int32_t>(threadIdx.x);
    const bool is_kept = i < *count && is_inside(cubes[numbers[i]], grid);
    const unsigned kept = __ballot_sync(0xffffffffU, is_kept);
    const std::int32_t place = total + __popc(kept & ((1U << threadIdx.x) - 1));
    if (is_kept && place < most) inside[place] = cubes[numbers[i]];
    total += __popc(kept);
  }
  if (threadIdx.x == 0) *counts = {min(total, most), total - min(total, most)};
}

}  // namespace

std::int64_t decode_proposals_workspace_bytes(const ProposalHead& head) {
  return head.size() * static_cast<std::int64_t>(sizeof(Key)) + (groups(head.size()) + 1) * 4;
}

void decode_proposals(const float* logits, const ProposalHead& head, std::int64_t most, ProposedCube* cubes,
                      ProposalCounts* counts, void* workspace, cudaStream_t stream) {
  launch(logits, head, most, cubes, counts, workspace, stream);
}

void decode_proposals(const __half* logits, const ProposalHead& head, std::int64_t most, ProposedCube* cubes,
                      ProposalCounts* counts, void* workspace, cudaStream_t stream) {
  launch(logits, head, most, cubes, counts, workspace, stream);
}

void keep_inside_lungs(const ProposedCube* cubes, const std::int32_t* numbers, const std::int32_t* count,
                       const LungVoxels& grid, std::int32_t most, ProposedCube* inside, InsideCounts* counts,
                       cudaStream_t stream) {
  const LungArguments arguments{{grid.shape[0], grid.shape[1], grid.shape[2]},
                                {grid.spacing_mm[0], grid.spacing_mm[1], grid.spacing_mm[2]},
                                grid.lungs};
  keep_inside_lungs_kernel<<<1, 32, 0, stream>>>(cubes, numbers, count, arguments, most, inside, counts);
  check_launch("keep_inside_lungs_kernel");
}

}  // namespace pleura::kernels::cuda
