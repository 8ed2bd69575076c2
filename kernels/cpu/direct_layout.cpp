#include "kernels/cpu/direct_layout.hpp"

#include <limits>

#include "runtime/round_up.hpp"

namespace pleura::kernels::cpu {
namespace {

// Weights of one part and block, and the input of one unit: together they stay in a second-level cache of 1 MB.
constexpr std::int64_t weights_target = 256 << 10, input_target = 384 << 10;
constexpr std::int64_t row_target = 448;  // positions of a unit along w: whole tiles of all shapes' widths
constexpr std::int64_t least_units = 8;   // so that a few threads end at about the same time

/// Planes, rows or columns of input under `positions` outputs.
std::int64_t reach(const DirectProblem& problem, std::size_t dimension, std::int64_t positions) {
  return (positions - 1) * problem.stride[dimension] + problem.kernel[dimension];
}

void split_reduction(const DirectProblem& problem, DirectLayout& layout) {
  const std::int64_t channels = problem.input.shape.c;
  int lanes = 0;
  for (const ChannelBlock& block : layout.blocks) lanes = std::max(lanes, block.lanes);
  const std::int64_t bytes = problem.taps() * lanes * layout.element;  // of one channel's weights
  const std::int64_t most = std::max<std::int64_t>(16, weights_target / bytes / 16 * 16);
  layout.parts = (channels + most - 1) / most;
  layout.part_channels = std::min(channels, runtime::round_up((channels + layout.parts - 1) / layout.parts, 32));
  layout.parts = (channels + layout.part_channels - 1) / layout.part_channels;
  // A staged row of one part is dense, so that neighbouring taps along w follow each other; so is a dense input's.
  layout.folded = layout.parts == 1 && (layout.staged || problem.input.pitch == channels);
  layout.taps_w = layout.folded ? 1 : static_cast<int>(problem.kernel[2]);
}

void size_staging(const DirectProblem& problem, DirectLayout& layout) {
  const std::int64_t pair = 4 / layout.element;
  layout.staged_w = reach(problem, 2, layout.unit[2]);
  // One element more: the pair of the last voxel's last element may reach past the row.
  layout.row_bytes = runtime::round_up((layout.staged_w * layout.part_channels + pair - 1) * layout.element, 4);
  layout.plane_rows = std::min(reach(problem, 1, layout.unit[1]), problem.input.shape.h);
  layout.planes = std::min(reach(problem, 0, layout.unit[0]), problem.input.shape.d);
}

void cut_grid(const DirectProblem& problem, DirectLayout& layout) {
  layout.unit = {1, 1, std::min(problem.grid[2], row_target)};
  const auto fits = [&] {
    if (!layout.staged)
      return layout.unit[0] * layout.unit[1] * layout.unit[2] * problem.stride[0] * problem.stride[1] *
                 problem.stride[2] * problem.input.pitch * layout.element <=
             input_target;
    size_staging(problem, layout);
    return layout.part_bytes() <= input_target;
  };
  const auto count = [&](std::size_t i) { return (problem.grid[i] + layout.unit[i] - 1) / layout.unit[i]; };
  // Doubled while they fit, for the larger a unit the fewer rows are staged twice. Planes first: layers that run in
  // thin slabs are then all cut along rows, and what one thread writes it reads.
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}})
    while (layout.unit[i] < problem.grid[i]) {
      const std::int64_t before = layout.unit[i];
      layout.unit[i] = std::min(problem.grid[i], before * 2);
      if (!fits() || problem.n * count(0) * count(1) * count(2) < least_units) {
        layout.unit[i] = before;
        break;
      }
    }
  for (std::size_t i = 0; i < 3; ++i) {
    layout.unit[i] = (problem.grid[i] + count(i) - 1) / count(i);  // of about equal size
    layout.counts[i] = count(i);
  }
  size_staging(problem, layout);
}

}  // namespace

std::vector<ChannelBlock> channel_blocks(const TileSet& tiles, const DirectProblem& problem) {
  const std::int64_t channels = problem.output.shape.c;
  const std::int64_t per_unit = tiles.bf16_units ? 2 : 1;  // input channels
  std::vector<ChannelBlock> blocks;
  for (std::int64_t first = 0; first < channels;) {
    int best = 0;
    double best_cost = std::numeric_limits<double>::infinity();
    for (int i = 0; i < tiles.shape_count; ++i) {
      const TileShape& shape = tiles.shapes[i];
      if (shape.along_units && problem.input.shape.c % (shape.lanes * per_unit) != 0) continue;
      const auto useful = static_cast<double>(std::min<std::int64_t>(shape.channels(), channels - first));
      if (shape.cost / useful >= best_cost) continue;
      best = i;
      best_cost = shape.cost / useful;
    }
    const int lanes = tiles.shapes[best].channels();
    blocks.push_back({best, first, static_cast<int>(std::min<std::int64_t>(lanes, channels - first)), lanes, 0});
    first += lanes;
  }
  return blocks;
}

DirectLayout lay_out(const TileSet& tiles, const DirectProblem& problem) {
  DirectLayout layout;
  const bool bf16 = problem.input.dtype == runtime::DType::bf16;
  layout.blocks = channel_blocks(tiles, problem);
  layout.element = tiles.bf16_units ? 2 : 4;
  layout.staged = problem.padded || bf16 != tiles.bf16_units || (tiles.bf16_units && problem.input.shape.c % 2 != 0);
  split_reduction(problem, layout);
  cut_grid(problem, layout);
  for (ChannelBlock& block : layout.blocks) {
    block.weights = layout.phase_bytes;
    for (std::int64_t part = 0; part < layout.parts; ++part)
      layout.phase_bytes += layout.weight_bytes(problem, part, block.lanes);
    if (layout.parts > 1)
      layout.partial_bytes =
          std::max(layout.partial_bytes, layout.unit[0] * layout.unit[1] * layout.unit[2] * block.lanes * 4);
  }
  return layout;
}

}  // namespace pleura::kernels::cpu
