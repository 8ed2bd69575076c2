#include "kernels/cpu/direct.hpp"

#include <atomic>
#include <cstring>

#include "kernels/cpu/staging.hpp"
#include "runtime/float16.hpp"
#include "runtime/parallel.hpp"
#include "runtime/round_up.hpp"

namespace pleura::kernels::cpu {
namespace {

using runtime::DType;

constexpr std::int64_t alignment = 64;

/// Taps along one dimension that lie inside the input, for one output position.
struct Taps {
  int count;
  std::int64_t begin, input;  ///< the first tap, and the input that it reads

  Taps(const DirectProblem& problem, std::size_t dimension, std::int64_t size, std::int64_t position) {
    const std::int64_t origin = position * problem.stride[dimension] - problem.pad[dimension];
    begin = std::max<std::int64_t>(0, -origin);
    input = origin + begin;
    count = static_cast<int>(std::max<std::int64_t>(0, std::min(problem.kernel[dimension], size - origin) - begin));
  }
};

void prefetch(const char* from, std::int64_t bytes) {
  for (std::int64_t i = 0; i < bytes; i += alignment) __builtin_prefetch(from + i);
}

/// Asks for what the end of a tile will touch: its stores and residuals else wait for memory one after the other.
void prefetch_epilogue(const Tile& tile, std::int64_t width, std::int64_t bytes) {
  for (std::int64_t i = 0; i < width; ++i) {
    prefetch(tile.output + i * tile.output_step, bytes);
    for (const TileStage& stage : tile.stages)
      if (stage.residual != nullptr && !stage.broadcast) prefetch(stage.residual + i * stage.step, bytes);
  }
}

/// Hands out tasks so that a thread works on the same part of the volume in each layer, whose input is then in its
/// core's cache, and helps the others when its part is done.
class TaskRanges {
 public:
  static constexpr int most = 64;

  TaskRanges(std::int64_t tasks, int threads) : threads_(threads) {
    for (int t = 0; t < threads; ++t) {
      ranges_[t].next = tasks * t / threads;
      ranges_[t].end = tasks * (t + 1) / threads;
    }
  }

  /// -1: none left.
  std::int64_t next(std::int64_t thread) {
    for (int i = 0; i < threads_; ++i) {
      Range& range = ranges_[(thread + i) % threads_];
      if (const std::int64_t task = range.next++; task < range.end) return task;
    }
    return -1;
  }

 private:
  struct alignas(alignment) Range {
    std::atomic<std::int64_t> next;
    std::int64_t end = 0;
  };

  std::array<Range, most> ranges_;
  int threads_;
};

class DirectStep final : public WeightedStep {
 public:
  DirectStep(const TileSet& tiles, const DirectProblem& problem, const KernelStrides& strides)
      : tiles_(tiles),
        problem_(problem),
        strides_(strides),
        layout_(lay_out(tiles, problem)),
        parts_(layout_.phase_bytes * problem.phases(), layout_.blocks.back().first + layout_.blocks.back().lanes,
               problem.epilogue),
        slots_(std::min(resolve_threads(0), TaskRanges::most)) {}

  PackedForm form() const override {
    return {std::string(tiles_.name) + ' ' + name_of(problem_.input.dtype) + (layout_.folded ? " folded" : ""),
            parts_.bytes()};
  }

  void pack(const ConvolutionWeights& weights, std::byte* to) const override {
    parts_.pack_epilogue(weights, to);
    pack_kernel(weights.kernel.data(), reinterpret_cast<char*>(to));
  }

  std::int64_t workspace_bytes() const override { return slots_ * slot_bytes(); }

  void enqueue(const runtime::Operands& operands, const runtime::Stream& stream) const override {
    const int threads = std::min(stream.threads, slots_);
    const std::int64_t units = problem_.n * layout_.counts[0] * layout_.counts[1] * layout_.counts[2];
    const auto outputs = static_cast<std::int64_t>(layout_.blocks.size()) * problem_.phases();
    // Where units are few, several tasks share one, each with some of its phases and blocks of channels.
    const std::int64_t groups = std::min(outputs, (2 * std::int64_t{threads} + units - 1) / units);
    TaskRanges tasks(units * groups, threads);
    parallel_for(threads, threads, [&](std::int64_t slot) {
      char* workspace = static_cast<char*>(operands.workspace) + slot * slot_bytes();
      for (std::int64_t task; (task = tasks.next(slot)) >= 0;) {
        const std::int64_t group = task % groups;
        run_unit(operands, task / groups, outputs * group / groups, outputs * (group + 1) / groups, workspace);
      }
    });
  }

 private:
  /// Grid positions [low, high) of one unit of work.
  struct Unit {
    std::int64_t n = 0;
    Extent3 low{}, high{};
    Extent3 staged_low{};  ///< first input voxel of the staged box
  };

  std::int64_t slot_bytes() const {
    return runtime::round_up(layout_.staged_bytes(), alignment) + runtime::round_up(layout_.partial_bytes, alignment);
  }

  void pack_kernel(const float* kernel, char* packed) const {
    for (std::int64_t phase = 0; phase < problem_.phases(); ++phase)
      for (const ChannelBlock& block : layout_.blocks) {
        char* to = packed + phase * layout_.phase_bytes + block.weights;
        const float* from = kernel + phase * strides_.phase + block.first * strides_.out;
        for (std::int64_t part = 0; part < layout_.parts; ++part) {
          pack_part(block, part, from + part * layout_.part_channels * strides_.in, to);
          to += layout_.weight_bytes(problem_, part, block.lanes);
        }
      }
  }

  /// As Tile::weights says.
  void pack_part(const ChannelBlock& block, std::int64_t part, const float* kernel, char* to) const {
    const bool bf16 = problem_.input.dtype == DType::bf16;
    const TileShape& shape = tiles_.shapes[block.shape];
    const std::int64_t pair = 4 / layout_.element, units = layout_.units(problem_, part);
    const std::int64_t channels =
        std::min(layout_.part_channels, problem_.input.shape.c - part * layout_.part_channels);
    for (std::int64_t i = 0; i < channels; ++i)
      for (std::int64_t tap = 0; tap < problem_.taps(); ++tap) {
        const std::int64_t run = layout_.folded ? tap % problem_.kernel[2] * channels + i : i;
        const std::int64_t unit = (layout_.folded ? tap / problem_.kernel[2] : tap) * units + run / pair;
        for (int o = 0; o < block.channels; ++o) {
          const float value = kernel[tap * strides_.tap + i * strides_.in + o * strides_.out];
          const std::int64_t word = shape.along_units
                                        ? (unit / shape.lanes * block.lanes + o) * shape.lanes + unit % shape.lanes
                                        : unit * block.lanes + o;
          const std::int64_t at = word * pair + run % pair;
          if (layout_.element == 2)
            reinterpret_cast<std::uint16_t*>(to)[at] = runtime::float_to_bf16(value);
          else
            reinterpret_cast<float*>(to)[at] = bf16 ? runtime::round_to(DType::bf16, value) : value;
        }
      }
  }

  Unit unit_at(std::int64_t index) const {
    Unit unit;
    for (std::size_t i = 3; i-- > 0; index /= layout_.counts[i]) {
      unit.low[i] = index % layout_.counts[i] * layout_.unit[i];
      unit.high[i] = std::min(problem_.grid[i], unit.low[i] + layout_.unit[i]);
    }
    unit.n = index;
    return unit;
  }

  void stage_unit(const runtime::Operands& operands, Unit& unit, char* staged) const {
    const auto& in = problem_.input.shape;
    const Extent3 sizes{in.d, in.h, in.w};
    StagedBox box;
    box.n = unit.n;
    for (std::size_t i = 0; i < 3; ++i) {
      const std::int64_t low = unit.low[i] * problem_.stride[i] - problem_.pad[i];
      const std::int64_t high = (unit.high[i] - 1) * problem_.stride[i] - problem_.pad[i] + problem_.kernel[i];
      box.low[i] = i == 2 ? low : std::clamp<std::int64_t>(low, 0, sizes[i]);
      box.size[i] = i == 2 ? high - low : std::max<std::int64_t>(0, std::min(high, sizes[i]) - box.low[i]);
    }
    unit.staged_low = box.low;
    for (std::int64_t part = 0; part < layout_.parts; ++part) {
      box.channel = part * layout_.part_channels;
      box.channels = std::min(layout_.part_channels, in.c - box.channel);
      stage(problem_, layout_, box, operands.input, staged + part * layout_.part_bytes());
    }
  }

  /// Phases and blocks [first, last) of one unit.
  void run_unit(const runtime::Operands& operands, std::int64_t index, std::int64_t first, std::int64_t last,
                char* workspace) const {
    Unit unit = unit_at(index);
    if (layout_.staged) stage_unit(operands, unit, workspace);
    auto* partial = reinterpret_cast<float*>(workspace + runtime::round_up(layout_.staged_bytes(), alignment));
    const auto blocks = static_cast<std::int64_t>(layout_.blocks.size());
    for (std::int64_t i = first; i < last; ++i) {
      const ChannelBlock& block = layout_.blocks[i % blocks];
      const std::int64_t phase = i / blocks;
      const char* weights = static_cast<const char*>(operands.weights) + phase * layout_.phase_bytes + block.weights;
      for (std::int64_t part = 0; part < layout_.parts; ++part) {
        float* sums = partial;
        for (std::int64_t d = unit.low[0]; d < unit.high[0]; ++d)
          for (std::int64_t h = unit.low[1]; h < unit.high[1]; ++h) {
            run_row(operands, unit, {d, h, unit.low[2]}, phase, block, part, weights, workspace, sums);
            sums += (unit.high[2] - unit.low[2]) * block.lanes;
          }
        weights += layout_.weight_bytes(problem_, part, block.lanes);
      }
    }
  }

  /// One row of a unit for one block of channels and one part of the reduction.
  void run_row(const runtime::Operands& operands, const Unit& unit, const Extent3& at, std::int64_t phase,
               const ChannelBlock& block, std::int64_t part, const char* weights, const char* staged,
               float* sums) const {
    const auto& in = problem_.input.shape;
    const Taps d(problem_, 0, in.d, at[0]), h(problem_, 1, in.h, at[1]);
    Tile tile;
    const char* input;
    std::int64_t voxel_bytes;
    if (layout_.staged) {
      voxel_bytes = layout_.part_channels * layout_.element;
      tile.tap_bytes[1] = layout_.row_bytes;
      tile.tap_bytes[0] = layout_.row_bytes * layout_.plane_rows;
      input = staged + part * layout_.part_bytes() + (d.input - unit.staged_low[0]) * tile.tap_bytes[0] +
              (h.input - unit.staged_low[1]) * tile.tap_bytes[1];
    } else {
      voxel_bytes = problem_.input.pitch * layout_.element;
      tile.tap_bytes[1] = in.w * voxel_bytes;
      tile.tap_bytes[0] = in.h * tile.tap_bytes[1];
      input = static_cast<const char*>(operands.input) + part * layout_.part_channels * layout_.element +
              (unit.n * in.d + d.input) * tile.tap_bytes[0] + h.input * tile.tap_bytes[1] +
              at[2] * problem_.stride[2] * voxel_bytes;
    }
    tile.tap_bytes[2] = voxel_bytes;
    tile.step = problem_.stride[2] * voxel_bytes;
    tile.taps[0] = h.count > 0 ? d.count : 0;
    tile.taps[1] = h.count;
    tile.taps[2] = layout_.taps_w;
    tile.units = layout_.units(problem_, part);
    tile.weight_bytes[1] = static_cast<std::int64_t>(tile.taps[2]) * tile.units * block.lanes * 4;
    tile.weight_bytes[0] = tile.weight_bytes[1] * problem_.kernel[1];
    tile.weights = weights + d.begin * tile.weight_bytes[0] + h.begin * tile.weight_bytes[1];
    const EpilogueWeights epilogue = parts_.epilogue(operands.weights);
    if (part == 0) tile.bias = epilogue.bias + block.first;
    tile.channels = block.channels;
    const std::int64_t voxel = output_voxel(unit.n, at, phase);
    if (part == layout_.parts - 1) set_epilogue(operands, epilogue, block, voxel, tile);

    const std::int64_t length = unit.high[2] - unit.low[2];
    const std::int64_t count = (length + tiles_.shapes[block.shape].width - 1) / tiles_.shapes[block.shape].width;
    std::int64_t done = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t width = (length * (i + 1)) / count - done;
      tile.input = input + done * tile.step;
      tile.partial = sums + done * block.lanes;
      // The processor's own prefetchers do not see far enough through a tile's many short streams.
      if (!layout_.staged && block.first == 0) prefetch_input(tile, tile.input + width * tile.step, width);
      if (tile.output != nullptr) prefetch_epilogue(tile, width, block.channels * size_of(problem_.output.dtype));
      tiles_.find(block.shape, static_cast<int>(width))(tile);
      if (tile.output != nullptr) {
        tile.output += width * tile.output_step;
        for (TileStage& stage : tile.stages)
          if (stage.residual != nullptr) stage.residual += width * stage.step;
      }
      done += width;
    }
  }

  /// What the next tile will read, that begins at `next`. It may lie past the row, where nothing is lost but time.
  void prefetch_input(const Tile& tile, const char* next, std::int64_t width) const {
    for (int kd = 0; kd < tile.taps[0]; ++kd)
      for (int kh = 0; kh < tile.taps[1]; ++kh)
        prefetch(next + kd * tile.tap_bytes[0] + kh * tile.tap_bytes[1], width * tile.step);
  }

  std::int64_t output_voxel(std::int64_t n, const Extent3& at, std::int64_t phase) const {
    const auto& out = problem_.output.shape;
    const Extent3& scale = problem_.scale;
    const std::int64_t pd = phase / (scale[1] * scale[2]), ph = phase / scale[2] % scale[1], pw = phase % scale[2];
    return ((n * out.d + at[0] * scale[0] + pd) * out.h + at[1] * scale[1] + ph) * out.w + at[2] * scale[2] + pw;
  }

  void set_epilogue(const runtime::Operands& operands, const EpilogueWeights& weights, const ChannelBlock& block,
                    std::int64_t voxel, Tile& tile) const {
    const std::int64_t bytes = size_of(problem_.output.dtype);
    tile.output = static_cast<char*>(operands.output) + (voxel * problem_.output.pitch + block.first) * bytes;
    tile.output_step = problem_.scale[2] * problem_.output.pitch * bytes;
    tile.output_bf16 = problem_.output.dtype == DType::bf16;
    for (std::size_t s = 0; s < 2; ++s) {
      const EpilogueStage& stage = problem_.epilogue.stages[s];
      tile.stages[s].activation = stage.activation;
      if (weights.slopes[s] != nullptr) tile.stages[s].slopes = weights.slopes[s] + block.first;
      if (!stage.residual) continue;
      const std::int64_t element = size_of(stage.residual->dtype);
      tile.stages[s].broadcast = stage.residual->shape.c == 1;
      tile.stages[s].bf16 = stage.residual->dtype == DType::bf16;
      tile.stages[s].step = problem_.scale[2] * stage.residual->pitch * element;
      tile.stages[s].residual =
          static_cast<const char*>(operands.residuals[s]) +
          (voxel * stage.residual->pitch + (tile.stages[s].broadcast ? 0 : block.first)) * element;
    }
  }

  const TileSet& tiles_;
  DirectProblem problem_;
  KernelStrides strides_;
  DirectLayout layout_;
  PackedParts parts_;  ///< the kernel as Tile::weights says, phase by phase, block by block
  int slots_;          ///< threads that the workspace has room for
};

bool is_float(const runtime::TensorDesc& desc) { return desc.dtype == DType::f32 || desc.dtype == DType::bf16; }

}  // namespace

bool direct_supports(const TileSet& tiles, const DirectProblem& problem) {
  bool types = is_float(problem.input) && is_float(problem.output);
  for (const EpilogueStage& stage : problem.epilogue.stages)
    types = types && (!stage.residual || is_float(*stage.residual));
  return types && available(tiles.isa) && (!tiles.bf16_units || problem.input.dtype == DType::bf16);
}

double direct_cost(const TileSet& tiles, const DirectProblem& problem) {
  double cost = 0;
  for (const ChannelBlock& block : channel_blocks(tiles, problem)) cost += tiles.shapes[block.shape].cost;
  const std::int64_t positions = problem.n * problem.grid[0] * problem.grid[1] * problem.grid[2] * problem.phases();
  return cost * static_cast<double>(positions * problem.taps() * problem.input.shape.c) / (tiles.bf16_units ? 2 : 1);
}

DirectProblem direct_problem(const Convolution& operation) {
  const auto& in = operation.input.shape;
  const auto& out = operation.output.shape;
  DirectProblem problem;
  problem.input = operation.input;
  problem.output = operation.output;
  problem.n = out.n;
  problem.grid = {out.d, out.h, out.w};
  problem.kernel = operation.kernel;
  problem.stride = operation.stride;
  problem.pad = operation.pad_low;
  problem.epilogue = operation.epilogue;
  const Extent3 sizes{in.d, in.h, in.w};
  for (std::size_t i = 0; i < 3; ++i) {
    const std::int64_t last = (problem.grid[i] - 1) * problem.stride[i] - problem.pad[i] + problem.kernel[i];
    problem.padded = problem.padded || problem.pad[i] > 0 || last > sizes[i];
  }
  if (!problem.padded && problem.taps() == 1 && problem.stride == Extent3{1, 1, 1} &&
      in == runtime::Shape{out.n, out.d, out.h, out.w, in.c}) {
    problem.n = 1;
    problem.grid = {1, 1, out.voxels()};
    problem.input.shape = {1, 1, 1, out.voxels(), in.c};
    problem.output.shape = {1, 1, 1, out.voxels(), out.c};
  }
  return problem;
}

std::unique_ptr<WeightedStep> make_direct(const TileSet& tiles, const DirectProblem& problem,
                                          const KernelStrides& strides) {
  return std::make_unique<DirectStep>(tiles, problem, strides);
}

}  // namespace pleura::kernels::cpu
