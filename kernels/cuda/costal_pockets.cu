// Each cut has a slice of its own, so that the hulls, the pockets and their components are those of a volume. A block
// then goes around a cut's hull, and adds up for each pocket how much of the hull before it is costal.
#include "kernels/convex_hull.hpp"
#include "kernels/cuda/components.cuh"
#include "kernels/cuda/convex_hull.hpp"
#include "kernels/cuda/costal_pockets.hpp"
#include "kernels/cuda/hull_chains.cuh"
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/morphology.hpp"
#include "kernels/cuda/voxel_grid.cuh"

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

/// An edge of a hull from a to b, with the lung on its high-x side (low_side) or on its low-x side.
struct Edge {
  Pixel a, b;
  bool low_side;
};

/// Edge i of a cut's hull: along the low chain, the high chain, then the two ends.
__device__ inline Edge edge_of(const Chains& chains, std::int64_t cut, std::int32_t i) {
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

__device__ inline std::int64_t absolute(std::int64_t value) { return value < 0 ? -value : value; }

/// Does the lung end at the ribs here? As screening's.
__device__ inline bool is_costal(const Edge& edge, const CostalPockets& how) {
  const std::int64_t dy = (edge.b.y - edge.a.y) * how.spacing_y_um, dx = (edge.b.x - edge.a.x) * how.spacing_x_um;
  const std::int64_t back = edge.low_side ? dx : -dx, sideways = edge.low_side != how.is_left ? dy : -dy;
  if (dy * dy + dx * dx > how.most_edge_um * how.most_edge_um) return false;
  if (sideways > 0 && sideways >= absolute(back)) return true;
  const bool in_back = edge.a.y + edge.b.y > how.middle_y2;
  return in_back == (back > 0) && 10 * sideways >= -3 * absolute(back);
}

/// A voxel of the pocket behind an edge at t quarters of its length, or {-1, -1} where lung comes up to it.
__device__ inline Pixel behind(const Edge& edge, int t, const std::uint64_t* pockets, const std::uint64_t* cut,
                               const BitGrid& grid) {
  const Pixel &a = edge.a, &b = edge.b;
  Pixel pixel{(a.y * (4 - t) + b.y * t + 2) / 4, (a.x * (4 - t) + b.x * t + 2) / 4};
  const bool steep = absolute(b.y - a.y) >= absolute(b.x - a.x);
  const std::int64_t step_x = edge.low_side ? 1 : -1, step_y = (edge.low_side ? b.x > a.x : b.x < a.x) ? -1 : 1;
  for (int step = 0; step < 3; ++step) {
    if (pixel.y < 0 || pixel.y >= grid.height || pixel.x < 0 || pixel.x >= grid.width) break;
    const std::int64_t word = pixel.y * grid.row_words + pixel.x / 64;
    if ((cut[word] >> (pixel.x % 64) & 1) != 0) break;
    if ((pockets[word] >> (pixel.x % 64) & 1) != 0) return pixel;
    if (steep)
      pixel.x += step_x;
    else
      pixel.y += step_y;
  }
  return {-1, -1};
}

/// In a block for each cut. costal[i]: how much of the hull's length before pocket i is costal, less how much is not.
__global__ void measure_edges_kernel(const std::uint64_t* cuts, const std::uint64_t* pockets, const BitGrid grid,
                                     const Chains chains, const ComponentBuffers parts, const CostalPockets how,
                                     unsigned long long* costal) {
  if (overflowed(parts, grid.depth * grid.height)) return;
  const std::int64_t cut = blockIdx.x, first = cut * grid.height * grid.row_words;
  const std::int32_t edges = chains.counts[2 * cut] + chains.counts[2 * cut + 1];
  for (auto i = static_cast<std::int32_t>(threadIdx.x); i < edges; i += static_cast<std::int32_t>(blockDim.x)) {
    const Edge edge = edge_of(chains, cut, i);
    const std::int64_t tall = absolute(edge.b.y - edge.a.y) * how.spacing_y_um,
                       wide = absolute(edge.b.x - edge.a.x) * how.spacing_x_um, length = tall > wide ? tall : wide;
    const std::int64_t gain = is_costal(edge, how) ? length : -length;
    for (int t = 1; t <= 3; ++t) {
      const Pixel pixel = behind(edge, t, pockets + first, cuts + first, grid);
      if (pixel.y < 0) continue;
      const std::int64_t row = cut * grid.height + pixel.y;
      std::int32_t run = parts.first_of_row[row];
      while (parts.runs[run].end <= pixel.x) ++run;
      atomicAdd(costal + parts.runs[run].component, static_cast<unsigned long long>(gain));
    }
  }
}

__global__ void choose_pockets_kernel(const ComponentBuffers parts, std::int64_t rows, const LargeComponent* list,
                                      const unsigned long long* costal, unsigned long long most_voxels,
                                      std::uint8_t* wanted) {
  const std::int64_t step = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
  for (std::int64_t i = global_thread(); i < parts.roots_of_row[rows]; i += step) {
    const ComponentFigures& part = parts.list[i];
    const bool is_small = part.voxels <= most_voxels && 2 * part.voxels <= list[part.low[0]].figures.voxels;
    wanted[i] = is_small && static_cast<long long>(costal[i]) > 0 ? 1 : 0;
  }
}

__global__ void add_pockets_kernel(const std::uint64_t* pockets, const BitGrid grid, const ComponentBuffers parts,
                                   const LargeComponent* list, unsigned long long* lung) {
  const std::int64_t index = global_thread(), slice_words = grid.height * grid.row_words;
  if (index >= grid.depth * slice_words || pockets[index] == 0 || overflowed(parts, grid.depth * grid.height)) return;
  // Pockets of two cuts of a slice may share a word.
  atomicOr(lung + list[index / slice_words].figures.low[0] * slice_words + index % slice_words,
           static_cast<unsigned long long>(pockets[index]));
}

}  // namespace

void add_costal_pockets(std::uint64_t* lung, const std::array<std::int64_t, 3>& shape,
                        const ComponentBuffers& components, const LungCuts& cuts, const CostalPockets& how,
                        cudaStream_t stream) {
  const std::array<std::int64_t, 3> side_by_side{cuts.count, shape[1], shape[2]};
  const BitGrid grid(side_by_side);
  draw_cuts_kernel<<<blocks_for(grid.rows(), voxel_threads, "draw_cuts_kernel"), voxel_threads, 0, stream>>>(
      components, cuts.list, cuts.cuts, grid);
  check_launch("draw_cuts_kernel");
  fill_hulls(cuts.cuts, cuts.pockets, side_by_side, cuts.hulls, stream);
  combine(cuts.pockets, cuts.cuts, cuts.pockets, grid.words(), BitCombination::first_only, stream);
  find_components(cuts.pockets, side_by_side, Connectivity::in_slice, cuts.parts, stream);
  check(cudaMemsetAsync(cuts.costal, 0, static_cast<std::size_t>(cuts.parts.most_runs) * sizeof *cuts.costal, stream),
        "cudaMemsetAsync of the pockets' edges");
  constexpr unsigned edge_threads = 64;
  measure_edges_kernel<<<blocks_for(cuts.count, 1, "measure_edges_kernel"), edge_threads, 0, stream>>>(
      cuts.cuts, cuts.pockets, grid, Chains(cuts.hulls, cuts.count, shape[1]), cuts.parts, how, cuts.costal);
  check_launch("measure_edges_kernel");
  constexpr unsigned choice_blocks = 64;
  choose_pockets_kernel<<<choice_blocks, voxel_threads, 0, stream>>>(
      cuts.parts, grid.rows(), cuts.list, cuts.costal, static_cast<unsigned long long>(how.most_voxels), cuts.wanted);
  check_launch("choose_pockets_kernel");
  draw(cuts.parts, side_by_side, cuts.wanted, cuts.pockets, stream);
  add_pockets_kernel<<<blocks_for(grid.words(), voxel_threads, "add_pockets_kernel"), voxel_threads, 0, stream>>>(
      cuts.pockets, grid, cuts.parts, cuts.list, reinterpret_cast<unsigned long long*>(lung));
  check_launch("add_pockets_kernel");
}

}  // namespace pleura::kernels::cuda
