// A thread makes a word of a slice, and keeps it with as many words to either side as the disc reaches in registers.
// Rows are taken from the disc's middle outwards: what is gathered is spread by as much as the disc narrows before the
// next two rows are added, so that each row ends up spread by its own half-width. What is cut off at the window's ends
// reaches the middle word no more.
#include <algorithm>
#include <string>

#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/voxels/morphology.hpp"
#include "kernels/cuda/voxels/voxel_grid.cuh"
#include "pleura/error.hpp"

namespace pleura::kernels::cuda {
namespace {

constexpr int most_rows = 257, most_half_width = 256;

struct DiscArguments {
  int rows;  ///< from the middle outwards
  std::int16_t half_widths[most_rows];
};

/// Where the output lies in the input: word (z, y, w) of the one is (z, y + rows, w + words) of the other. What lies
/// beyond the input is zeros to a dilation and ones to an erosion.
struct Shift {
  int rows, words;
};

/// window |= window moved by `shift` voxels, 1 to 64, to either side.
template <int size>
__device__ inline void spread(std::uint64_t (&window)[size], int shift) {
  std::uint64_t before = 0;
#pragma unroll
  for (int i = 0; i < size; ++i) {
    const std::uint64_t here = window[i], after = i + 1 < size ? window[i + 1] : 0;
    window[i] = shift == 64 ? here | before | after
                            : here | here << shift | before >> (64 - shift) | here >> shift | after << (64 - shift);
    before = here;
  }
}

/// Ones in whole rows of `reach` voxels to either side of each one: in steps that double, or there would be gaps.
template <int size>
__device__ inline void spread_to(std::uint64_t (&window)[size], int reach) {
  for (int reached = 0; reached < reach;) {
    const int shift = min(min(reached + 1, reach - reached), 64);
    spread(window, shift);
    reached += shift;
  }
}

/// Dilation; of the zeros, where `erosion`.
template <int side, bool erosion>
__global__ void dilate_kernel(const std::uint64_t* in, const BitGrid from, std::uint64_t* out, const BitGrid to,
                              const Shift shift, const DiscArguments disc) {
  const std::int64_t index = global_thread();
  if (index >= to.depth * to.height * to.row_words) return;
  const std::int64_t word = index % to.row_words, row = index / to.row_words;
  const std::int64_t y = row % to.height + shift.rows, middle = word + shift.words;
  const std::uint64_t* slice = in + row / to.height * from.height * from.row_words;
  std::uint64_t window[2 * side + 1] = {};
  const auto add_row = [&](std::int64_t v) {
    if (v < 0 || v >= from.height) return;
#pragma unroll
    for (int i = 0; i <= 2 * side; ++i) {
      const std::int64_t w = middle + i - side;
      if (w < 0 || w >= from.row_words) continue;
      const std::uint64_t bits = slice[v * from.row_words + w];
      window[i] |= erosion ? ~bits & word_mask(w, from.width) : bits;
    }
  };
  for (int dy = 0; dy < disc.rows; ++dy) {
    if (dy > 0) spread_to(window, disc.half_widths[dy - 1] - disc.half_widths[dy]);
    add_row(y - dy);
    if (dy > 0) add_row(y + dy);
  }
  spread_to(window, disc.half_widths[disc.rows - 1]);
  out[index] = (erosion ? ~window[side] : window[side]) & word_mask(word, to.width);
}

__global__ void invert_kernel(const std::uint64_t* in, std::uint64_t* out, const BitGrid grid) {
  const std::int64_t index = global_thread();
  if (index >= grid.depth * grid.height * grid.row_words) return;
  out[index] = ~in[index] & word_mask(index % grid.row_words, grid.width);
}

__global__ void combine_kernel(const std::uint64_t* first, const std::uint64_t* second, std::uint64_t* out,
                               std::int64_t words, Combination how) {
  const std::int64_t index = global_thread();
  if (index >= words) return;
  const std::uint64_t a = first[index], b = second[index];
  out[index] = how == Combination::both ? a & b : how == Combination::either ? a | b : a & ~b;
}

__global__ void count_ones_kernel(const std::uint64_t* bits, std::int64_t words, unsigned long long* count) {
  int total = 0;
  for (std::int64_t i = global_thread(); i < words; i += static_cast<std::int64_t>(gridDim.x) * blockDim.x)
    total += ones(bits[i]);
  total = sum_of_lanes(total);
  if (threadIdx.x % 32 == 0 && total != 0) atomicAdd(count, static_cast<unsigned long long>(total));
}

template <bool erosion>
void launch(const std::uint64_t* in, const BitGrid& from, std::uint64_t* out, const BitGrid& to, const Shift& shift,
            const Disc& disc, cudaStream_t stream) {
  const auto& half_widths = disc.half_widths;
  if (half_widths.size() > most_rows || half_widths[0] > most_half_width)
    throw Error(Status::internal, "morphology: a disc of " + std::to_string(half_widths.size() - 1) + " x " +
                                      std::to_string(half_widths[0]) + " voxels, expected at most 256 x 256");
  DiscArguments arguments{static_cast<int>(half_widths.size()), {}};
  for (std::size_t i = 0; i < half_widths.size(); ++i)
    arguments.half_widths[i] = static_cast<std::int16_t>(half_widths[i]);
  const unsigned blocks = blocks_for(to.words(), voxel_threads, "dilate_kernel");
  if (half_widths[0] <= 64)
    dilate_kernel<1, erosion><<<blocks, voxel_threads, 0, stream>>>(in, from, out, to, shift, arguments);
  else
    dilate_kernel<4, erosion><<<blocks, voxel_threads, 0, stream>>>(in, from, out, to, shift, arguments);
  check_launch("dilate_kernel");
}

/// The frame of zeros that keeps a slice's edge out of play: rows above and below, whole words to either side.
Shift frame(const Disc& disc) {
  return {static_cast<int>(disc.half_widths.size()), static_cast<int>(disc.half_widths[0] / 64 + 1)};
}

BitGrid framed(const BitGrid& grid, const Shift& frame) {
  return BitGrid({grid.depth, grid.height + 2 * frame.rows, (grid.row_words + 2 * frame.words) * 64});
}

}  // namespace

void dilate(const std::uint64_t* in, std::uint64_t* out, const std::array<std::int64_t, 3>& shape, const Disc& disc,
            cudaStream_t stream) {
  launch<false>(in, BitGrid(shape), out, BitGrid(shape), {0, 0}, disc, stream);
}

void erode(const std::uint64_t* in, std::uint64_t* out, const std::array<std::int64_t, 3>& shape, const Disc& disc,
           cudaStream_t stream) {
  launch<true>(in, BitGrid(shape), out, BitGrid(shape), {0, 0}, disc, stream);
}

std::int64_t close_workspace_bytes(const std::array<std::int64_t, 3>& shape, const Disc& disc) {
  return framed(BitGrid(shape), frame(disc)).words() * static_cast<std::int64_t>(sizeof(std::uint64_t));
}

void close(const std::uint64_t* in, std::uint64_t* out, const std::array<std::int64_t, 3>& shape, const Disc& disc,
           std::uint64_t* workspace, cudaStream_t stream) {
  const Shift around = frame(disc);
  const BitGrid grid(shape), wide = framed(grid, around);
  launch<false>(in, grid, workspace, wide, {-around.rows, -around.words}, disc, stream);
  launch<true>(workspace, wide, out, grid, around, disc, stream);
}

void invert(const std::uint64_t* in, std::uint64_t* out, const std::array<std::int64_t, 3>& shape,
            cudaStream_t stream) {
  const BitGrid grid(shape);
  invert_kernel<<<blocks_for(grid.words(), voxel_threads, "invert_kernel"), voxel_threads, 0, stream>>>(in, out, grid);
  check_launch("invert_kernel");
}

void combine(const std::uint64_t* first, const std::uint64_t* second, std::uint64_t* out, std::int64_t words,
             Combination how, cudaStream_t stream) {
  combine_kernel<<<blocks_for(words, voxel_threads, "combine_kernel"), voxel_threads, 0, stream>>>(first, second, out,
                                                                                                   words, how);
  check_launch("combine_kernel");
}

void count_ones(const std::uint64_t* bits, std::int64_t words, unsigned long long* count, cudaStream_t stream) {
  check(cudaMemsetAsync(count, 0, sizeof *count, stream), "cudaMemsetAsync of a count");
  constexpr std::int64_t words_a_thread = 16;
  const unsigned blocks = blocks_for(words, voxel_threads * words_a_thread, "count_ones_kernel");
  count_ones_kernel<<<blocks, voxel_threads, 0, stream>>>(bits, words, count);
  check_launch("count_ones_kernel");
}

}  // namespace pleura::kernels::cuda
