// Only the chains of corners are made one row after another, by a thread for each side of each slice; the rows' ends
// before and their filling after take a thread for each row.
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/voxels/convex_hull.hpp"
#include "kernels/cuda/voxels/hull_chains.cuh"
#include "kernels/cuda/voxels/voxel_grid.cuh"

namespace pleura::kernels::cuda {
namespace {

__global__ void row_ends_kernel(const std::uint64_t* bits, const BitGrid grid, const Chains chains) {
  const std::int64_t row = global_thread();
  if (row >= grid.depth * grid.height) return;
  const std::uint64_t* words = bits + row * grid.row_words;
  std::int64_t first = 0, last = grid.row_words - 1;
  while (first <= last && words[first] == 0) ++first;
  while (last > first && words[last] == 0) --last;
  const bool empty = first > last;
  const std::int64_t low = row / grid.height * 2 * grid.height + row % grid.height;
  chains.outermost[low] = empty ? -1 : static_cast<std::int32_t>(first * 64 + lowest_one(words[first]));
  chains.outermost[low + grid.height] = empty ? -1 : static_cast<std::int32_t>(last * 64 + highest_one(words[last]));
}

__global__ void chains_kernel(std::int64_t count, const Chains chains) {
  const std::int64_t chain = global_thread();
  if (chain >= count) return;
  const std::int64_t side = chain % 2 == 0 ? 1 : -1;
  const std::int32_t* x = chains.x(chain);
  std::int32_t* corners = chains.corners + chain * chains.height;
  std::int32_t size = 0;
  for (std::int32_t y = 0; y < chains.height; ++y) {
    if (x[y] < 0) continue;
    while (size > 1) {
      const std::int64_t a = corners[size - 2], b = corners[size - 1];
      const std::int64_t turn = (b - a) * (x[y] - x[a]) - static_cast<std::int64_t>(x[b] - x[a]) * (y - a);
      if (turn * side > 0) break;
      --size;
    }
    corners[size++] = y;
  }
  chains.counts[chain] = size;
}

/// Where a chain crosses row y, between its ends: rounded down, or up.
__device__ inline std::int64_t cross(const Chains& chains, std::int64_t chain, std::int64_t y, bool up) {
  const std::int32_t *x = chains.x(chain), *corners = chains.corners + chain * chains.height;
  std::int32_t low = 0, high = chains.counts[chain] - 1;  // the last corner at or before the row
  while (low < high) {
    const std::int32_t middle = (low + high + 1) / 2;
    if (corners[middle] <= y)
      low = middle;
    else
      high = middle - 1;
  }
  const std::int64_t a = corners[low];
  if (a == y) return x[a];
  const std::int64_t b = corners[low + 1], under = b - a;
  return (x[a] * under + (y - a) * (x[b] - x[a]) + (up ? under - 1 : 0)) / under;
}

__global__ void fill_hulls_kernel(std::uint64_t* out, const BitGrid grid, const Chains chains) {
  const std::int64_t row = global_thread();
  if (row >= grid.depth * grid.height) return;
  const std::int64_t y = row % grid.height, low_chain = row / grid.height * 2;
  const std::int32_t size = chains.counts[low_chain];
  const std::int32_t* corners = chains.corners + low_chain * grid.height;
  std::int64_t begin = 0, end = 0;
  if (size > 0 && y >= corners[0] && y <= corners[size - 1]) {
    begin = cross(chains, low_chain, y, true);
    end = cross(chains, low_chain + 1, y, false) + 1;
  }
  for (std::int64_t word = 0; word < grid.row_words; ++word)
    out[row * grid.row_words + word] = span_mask(word, begin, end);
}

}  // namespace

std::int64_t fill_hulls_workspace_bytes(const std::array<std::int64_t, 3>& shape) {
  return shape[0] * (4 * shape[1] + 2) * static_cast<std::int64_t>(sizeof(std::int32_t));
}

void fill_hulls(const std::uint64_t* in, std::uint64_t* out, const std::array<std::int64_t, 3>& shape,
                std::int32_t* workspace, cudaStream_t stream) {
  const BitGrid grid(shape);
  const Chains chains(workspace, grid.depth, grid.height);
  const unsigned blocks = blocks_for(grid.rows(), voxel_threads, "row_ends_kernel");
  row_ends_kernel<<<blocks, voxel_threads, 0, stream>>>(in, grid, chains);
  check_launch("row_ends_kernel");
  constexpr unsigned chain_threads = 32;  // long work: spread over the multiprocessors
  chains_kernel<<<blocks_for(2 * grid.depth, chain_threads, "chains_kernel"), chain_threads, 0, stream>>>(
      2 * grid.depth, chains);
  check_launch("chains_kernel");
  fill_hulls_kernel<<<blocks, voxel_threads, 0, stream>>>(out, grid, chains);
  check_launch("fill_hulls_kernel");
}

}  // namespace pleura::kernels::cuda
