// A thread makes a word of both lungs. Bound by memory: most words have no open voxel, and are only copied.
#include <utility>

#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/voxels/grow_apart.hpp"
#include "kernels/cuda/voxels/voxel_grid.cuh"

namespace pleura::kernels::cuda {
namespace {

struct Sides {
  const std::uint64_t *left, *right;
};

/// Word (z, y, word) of bits and of those next to them.
__device__ inline std::uint64_t spread(const std::uint64_t* bits, const BitGrid& grid, std::int64_t index,
                                       bool along_z) {
  const std::int64_t word = index % grid.row_words, row = index / grid.row_words, y = row % grid.height,
                     z = row / grid.height, slice_words = grid.height * grid.row_words;
  const std::uint64_t here = bits[index];
  std::uint64_t all = here | here << 1 | here >> 1;
  if (word > 0) all |= bits[index - 1] >> 63;
  if (word + 1 < grid.row_words) all |= bits[index + 1] << 63;
  if (y > 0) all |= bits[index - grid.row_words];
  if (y + 1 < grid.height) all |= bits[index + grid.row_words];
  if (along_z && z > 0) all |= bits[index - slice_words];
  if (along_z && z + 1 < grid.depth) all |= bits[index + slice_words];
  return all;
}

__global__ void grow_apart_kernel(const Sides from, std::uint64_t* left, std::uint64_t* right,
                                  const std::uint64_t* joined, const BitGrid grid, bool along_z, int* changed) {
  const std::int64_t index = global_thread();
  if (index >= grid.depth * grid.height * grid.row_words) return;
  const std::uint64_t old_left = from.left[index], old_right = from.right[index];
  const std::uint64_t open = joined[index] & ~(old_left | old_right);
  std::uint64_t to_left = 0, to_right = 0;
  if (open != 0) {
    to_left = spread(from.left, grid, index, along_z) & open;
    to_right = spread(from.right, grid, index, along_z) & open & ~to_left;
  }
  left[index] = old_left | to_left;
  right[index] = old_right | to_right;
  if ((to_left | to_right) != 0) atomicExch(changed, 1);
}

}  // namespace

std::int64_t grow_apart_workspace_bytes(const std::array<std::int64_t, 3>& shape) {
  return 2 * BitGrid(shape).words() * static_cast<std::int64_t>(sizeof(std::uint64_t));
}

void grow_apart(std::uint64_t* left, std::uint64_t* right, const std::uint64_t* joined,
                const std::array<std::int64_t, 3>& shape, const Growth& growth, std::uint64_t* workspace, int* changed,
                cudaStream_t stream) {
  const BitGrid grid(shape);
  const unsigned blocks = blocks_for(grid.words(), voxel_threads, "grow_apart_kernel");
  std::uint64_t *next_left = workspace, *next_right = workspace + grid.words();
  // Twice as often, so that the last step ends where the first began.
  const std::int64_t steps = 2 * growth.periods * growth.period;
  for (std::int64_t step = 1; step <= steps; ++step) {
    if (step == steps) check(cudaMemsetAsync(changed, 0, sizeof *changed, stream), "cudaMemsetAsync of a flag");
    grow_apart_kernel<<<blocks, voxel_threads, 0, stream>>>(Sides{left, right}, next_left, next_right, joined, grid,
                                                            step % growth.period == 0, changed);
    check_launch("grow_apart_kernel");
    std::swap(left, next_left);
    std::swap(right, next_right);
  }
}

}  // namespace pleura::kernels::cuda
