// Each cut has a slice of its own, so that the hulls, the pockets and their components are those of a volume. A block
// then goes around a cut's hull, and adds up for each pocket how much of the hull before it is costal.
#include "kernels/convex_hull.hpp"
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/voxels/components.cuh"
#include "kernels/cuda/voxels/convex_hull.hpp"
#include "kernels/cuda/voxels/costal_pockets.hpp"
#include "kernels/cuda/voxels/hull_chains.cuh"
#include "kernels/cuda/voxels/morphology.hpp"
#include "kernels/cuda/voxels/voxel_grid.cuh"

namespace pleura::kernels::cuda {
namespace {

/// `grid` is that of the cuts side by side.
__global__ void draw_cuts_kernel(const ComponentBuffers c, const LargeComponent* list, std::uint64_t* cuts,
                                 const BitGrid grid) {
  const std::int64_t index = global_thread();
  if (index >= grid.depth * grid.height) return;
  const LargeComponent& cut = list[index / grid.height];
  const std::int64_t row = cut.figures.low[0] * grid.height + index % grid.height;
  std::uint64_t* words = cuts + index * grid.row_words;
  for (std::int64_t word = 0; word < grid.row_words; ++word) words[word] = 0;
  for (std::int32_t i = c.first_of_row[row]; i < c.first_of_row[row + 1]; ++i)
    if (c.runs[i].component == cut.number)
      for_each_word(c.runs[i], [&](std::int64_t word, std::uint64_t mask) { words[word] |= mask; });
}

/// Edge i of a cut's hull: along the low chain, the high chain, then the two ends.
__device__ inline HullEdge edge_of(const Chains& chains, std::int64_t cut, std::int32_t i) {
  const auto corner = [&](std::int64_t side, std::int32_t k) {
    const std::int64_t chain = 2 * cut + side, y = chains.corners[chain * chains.height + k];
    return Pixel{y, chains.x(chain)[y]};
  };
  const std::int32_t low = chains.counts[2 * cut] - 1, high = chains.counts[2 * cut + 1] - 1;
  if (i < low) return {corner(0, i), corner(0, i + 1), true};
  if (i < low + high) return {corner(1, i - low), corner(1, i - low + 1), false};
  if (i == low + high) return {corner(1, 0), corner(0, 0), true};
  return {corner(0, low), corner(1, high), true};
}

/// In a block for each cut. costal[i]: how much of the hull's length before pocket i is costal, less how much is not.
__global__ void measure_edges_kernel(const std::uint64_t* cuts, const std::uint64_t* pockets, const BitGrid grid,
                                     const Chains chains, const ComponentBuffers parts, const CostalPockets how,
                                     unsigned long long* costal) {
  const std::int64_t cut = blockIdx.x, first = cut * grid.height * grid.row_words;
  const std::int32_t edges = chains.counts[2 * cut] + chains.counts[2 * cut + 1];
  for (auto i = static_cast<std::int32_t>(threadIdx.x); i < edges; i += static_cast<std::int32_t>(blockDim.x)) {
    const HullEdge edge = edge_of(chains, cut, i);
    const std::int64_t gain = is_costal(edge, how) ? length_of(edge, how) : -length_of(edge, how);
    for (int t = 1; t <= 3; ++t) {
      const Pixel pixel = behind(edge, t, cuts + first, pockets + first, grid.height, grid.width);
      if (pixel.y < 0) continue;
      const std::int64_t row = cut * grid.height + pixel.y;
      std::int32_t run = parts.first_of_row[row];
      while (parts.runs[run].end <= pixel.x) ++run;
      atomicAdd(costal + parts.runs[run].component, static_cast<unsigned long long>(gain));
    }
  }
}

__global__ void choose_pockets_kernel(const ComponentBuffers parts, std::int64_t rows, const LargeComponent* list,
                                      const unsigned long long* costal, const CostalPockets how, std::uint8_t* wanted) {
  const std::int64_t step = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
  for (std::int64_t i = global_thread(); i < parts.roots_of_row[rows]; i += step) {
    const ComponentFigures& part = parts.list[i];
    wanted[i] = is_costal_pocket(static_cast<std::int64_t>(part.voxels),
                                 static_cast<std::int64_t>(list[part.low[0]].figures.voxels),
                                 static_cast<std::int64_t>(costal[i]), how)
                    ? 1
                    : 0;
  }
}

__global__ void add_pockets_kernel(const std::uint64_t* pockets, const BitGrid grid, const LargeComponent* list,
                                   unsigned long long* lung) {
  const std::int64_t index = global_thread(), slice_words = grid.height * grid.row_words;
  if (index >= grid.depth * slice_words || pockets[index] == 0) return;
  // Pockets of two cuts of a slice may share a word.
  atomicOr(lung + list[index / slice_words].figures.low[0] * slice_words + index % slice_words,
           static_cast<unsigned long long>(pockets[index]));
}

}  // namespace

void draw_cuts(const ComponentBuffers& components, const LungCuts& cuts, cudaStream_t stream) {
  const BitGrid grid(cuts.side_by_side());
  draw_cuts_kernel<<<blocks_for(grid.rows(), voxel_threads, "draw_cuts_kernel"), voxel_threads, 0, stream>>>(
      components, cuts.list, cuts.cuts, grid);
  check_launch("draw_cuts_kernel");
  fill_hulls(cuts.cuts, cuts.pockets, cuts.side_by_side(), cuts.hulls, stream);
  combine(cuts.pockets, cuts.cuts, cuts.pockets, grid.words(), Combination::first_only, stream);
}

void add_costal_pockets(std::uint64_t* lung, const LungCuts& cuts, const ComponentBuffers& parts,
                        const CostalPockets& how, unsigned long long* costal, std::uint8_t* wanted,
                        cudaStream_t stream) {
  const BitGrid grid(cuts.side_by_side());
  check(cudaMemsetAsync(costal, 0, static_cast<std::size_t>(parts.run_count) * sizeof *costal, stream),
        "cudaMemsetAsync of the pockets' edges");
  constexpr unsigned edge_threads = 64;
  measure_edges_kernel<<<blocks_for(cuts.count, 1, "measure_edges_kernel"), edge_threads, 0, stream>>>(
      cuts.cuts, cuts.pockets, grid, Chains(cuts.hulls, cuts.count, grid.height), parts, how, costal);
  check_launch("measure_edges_kernel");
  constexpr unsigned choice_blocks = 64;
  choose_pockets_kernel<<<choice_blocks, voxel_threads, 0, stream>>>(parts, grid.rows(), cuts.list, costal, how,
                                                                     wanted);
  check_launch("choose_pockets_kernel");
  draw(parts, cuts.side_by_side(), wanted, cuts.pockets, stream);
  add_pockets_kernel<<<blocks_for(grid.words(), voxel_threads, "add_pockets_kernel"), voxel_threads, 0, stream>>>(
      cuts.pockets, grid, cuts.list, reinterpret_cast<unsigned long long*>(lung));
  check_launch("add_pockets_kernel");
}

}  // namespace pleura::kernels::cuda
