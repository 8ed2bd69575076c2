// Thousands of components at most, as a rule: one block, or one warp where order counts, goes through them.
#include <algorithm>

#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/voxels/component_choice.hpp"
#include "kernels/cuda/voxels/voxel_grid.cuh"
#include "kernels/rules.hpp"

namespace pleura::kernels::cuda {
namespace {

constexpr unsigned block_threads = 512;

/// What atomics add up, as the rules take it.
__device__ inline std::int64_t whole(unsigned long long count) { return static_cast<std::int64_t>(count); }

/// Threads go through the components in strides.
unsigned blocks_of(const ComponentBuffers& components, const char* kernel) {
  constexpr std::int64_t most_components = 1 << 16;
  return blocks_for(std::clamp<std::int64_t>(components.run_count, 1, most_components), voxel_threads, kernel);
}

__device__ inline std::int32_t count_of(const ComponentBuffers& c, std::int64_t rows) { return c.roots_of_row[rows]; }

__device__ inline bool touches_edge(const ComponentFigures& part, const BitGrid& grid) {
  return part.low[1] == 0 || part.low[2] == 0 || part.high[1] == grid.height || part.high[2] == grid.width;
}

/// wanted[i] = choose(i) for each component.
template <class Choose>
__device__ inline void choose_each(const ComponentBuffers& c, const BitGrid& grid, std::uint8_t* wanted,
                                   const Choose& choose) {
  const std::int32_t count = count_of(c, grid.depth * grid.height);
  for (std::int64_t i = global_thread(); i < count; i += static_cast<std::int64_t>(gridDim.x) * blockDim.x)
    wanted[i] = choose(i) ? 1 : 0;
}

__global__ void choose_at_edge_kernel(const ComponentBuffers c, const BitGrid grid, std::uint8_t* wanted) {
  choose_each(c, grid, wanted, [&](std::int64_t i) { return touches_edge(c.list[i], grid); });
}

__global__ void choose_inside_body_kernel(const ComponentBuffers c, const BitGrid grid, const AirCounts counts,
                                          std::uint8_t* wanted) {
  choose_each(c, grid, wanted, [&](std::int64_t i) {
    const bool open = counts.by_padding[i] > 0 || touches_edge(c.list[i], grid);
    return is_inside_body(whole(c.list[i].voxels), open, whole(counts.in_hull[i]), whole(counts.in_pockets[i]));
  });
}

/// A number that is larger for more voxels, and among equals for the first.
__device__ inline unsigned long long size_key(const ComponentBuffers& c, std::int32_t i) {
  return c.list[i].voxels << 31 | static_cast<unsigned long long>(INT32_MAX - i);
}

/// In one block.
__global__ void choose_largest_kernel(const ComponentBuffers c, std::int64_t rows, std::uint8_t* wanted) {
  __shared__ unsigned long long best;
  if (threadIdx.x == 0) best = 0;
  __syncthreads();
  const std::int32_t count = count_of(c, rows), step = static_cast<std::int32_t>(blockDim.x);
  unsigned long long own = 0;
  for (auto i = static_cast<std::int32_t>(threadIdx.x); i < count; i += step) {
    const unsigned long long key = size_key(c, i);
    own = key > own ? key : own;
  }
  if (own > 0) atomicMax(&best, own);
  __syncthreads();
  for (auto i = static_cast<std::int32_t>(threadIdx.x); i < count; i += step)
    wanted[i] = size_key(c, i) == best ? 1 : 0;
}

/// In one block.
__global__ void choose_pieces_kernel(const ComponentBuffers c, const BitGrid grid, const PieceChoice choice,
                                     std::uint8_t* wanted) {
  __shared__ int low, high;
  if (threadIdx.x == 0) {
    low = static_cast<int>(grid.depth);
    high = 0;
  }
  __syncthreads();
  const std::int32_t count = count_of(c, grid.depth * grid.height);
  for (auto i = static_cast<std::int32_t>(threadIdx.x); i < count; i += static_cast<std::int32_t>(blockDim.x))
    if (choice.own[i] > 0) {
      atomicMin(&low, c.list[i].low[0]);
      atomicMax(&high, c.list[i].high[0]);
    }
  __syncthreads();
  choose_each(c, grid, wanted, [&](std::int64_t i) {
    const ComponentFigures& part = c.list[i];
    return choice.own[i] == 0 && whole(part.voxels) >= choice.least_voxels &&
           is_cut_off(whole(part.voxels), whole(part.index_sum[0]), whole(choice.in_hulls[i]), whole(choice.gas[i]),
                      low, high);
  });
}

/// In one warp.
__global__ void list_large_kernel(const ComponentBuffers c, std::int64_t rows, unsigned long long least,
                                  unsigned long long share, LargeComponent* list, std::int32_t room,
                                  std::int32_t* count) {
  const std::int32_t components = count_of(c, rows);
  unsigned long long largest = 0;
  if (share > 0)
    for (auto i = static_cast<std::int32_t>(threadIdx.x); i < components; i += 32)
      largest = c.list[i].voxels > largest ? c.list[i].voxels : largest;
  largest = most_of_lanes(largest);
  std::int32_t total = 0;
  for (std::int32_t first = 0; first < components; first += 32) {
    const std::int32_t i = first + static_cast<std::int32_t>(threadIdx.x);
    const bool is_large =
        i < components && c.list[i].voxels >= least && (share == 0 || c.list[i].voxels * share >= largest);
    const unsigned large = __ballot_sync(whole_warp, is_large);
    const std::int32_t place = total + __popc(large & ((1U << threadIdx.x) - 1));
    if (is_large && place < room) {
      list[place].number = i;
      list[place].figures = c.list[i];
    }
    total += __popc(large);
  }
  if (threadIdx.x == 0) *count = total;
}

}  // namespace

void choose_at_edge(const ComponentBuffers& components, const std::array<std::int64_t, 3>& shape, std::uint8_t* wanted,
                    cudaStream_t stream) {
  choose_at_edge_kernel<<<blocks_of(components, "choose_at_edge_kernel"), voxel_threads, 0, stream>>>(
      components, BitGrid(shape), wanted);
  check_launch("choose_at_edge_kernel");
}

void choose_largest(const ComponentBuffers& components, const std::array<std::int64_t, 3>& shape, std::uint8_t* wanted,
                    cudaStream_t stream) {
  choose_largest_kernel<<<1, block_threads, 0, stream>>>(components, BitGrid(shape).rows(), wanted);
  check_launch("choose_largest_kernel");
}

void choose_inside_body(const ComponentBuffers& components, const std::array<std::int64_t, 3>& shape,
                        const AirCounts& counts, std::uint8_t* wanted, cudaStream_t stream) {
  choose_inside_body_kernel<<<blocks_of(components, "choose_inside_body_kernel"), voxel_threads, 0, stream>>>(
      components, BitGrid(shape), counts, wanted);
  check_launch("choose_inside_body_kernel");
}

void choose_pieces(const ComponentBuffers& components, const std::array<std::int64_t, 3>& shape,
                   const PieceChoice& choice, std::uint8_t* wanted, cudaStream_t stream) {
  choose_pieces_kernel<<<1, block_threads, 0, stream>>>(components, BitGrid(shape), choice, wanted);
  check_launch("choose_pieces_kernel");
}

void list_large(const ComponentBuffers& components, const std::array<std::int64_t, 3>& shape, std::int64_t least,
                std::int64_t share, LargeComponent* list, std::int32_t room, std::int32_t* count, cudaStream_t stream) {
  list_large_kernel<<<1, 32, 0, stream>>>(components, BitGrid(shape).rows(), static_cast<unsigned long long>(least),
                                          static_cast<unsigned long long>(share), list, room, count);
  check_launch("list_large_kernel");
}

}  // namespace pleura::kernels::cuda
