// What of the matrix product is known on the host: what fits, how it is cut, how the kernel is packed.
#include "kernels/cuda/network/implicit_gemm.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/float16.hpp"
#include "runtime/round_up.hpp"

namespace pleura::kernels::cuda {
namespace {

using runtime::divide_up;
using runtime::DType;

std::int64_t volume(const Extent3& extent) { return extent[0] * extent[1] * extent[2]; }

int tile_columns(std::int64_t columns) {
  for (const int size : {16, 32, 64})
    if (columns <= size) return size;
  return 128;
}

/// Blocks that fill a GPU: two on each multiprocessor.
std::int64_t enough_blocks(int multiprocessors) { return std::int64_t{2} * multiprocessors; }

/// Parts of K, from what every slab and batch of an operation shares: as if the volume were as deep as its planes are
/// wide.
int splits_of(const Lowered& problem, int multiprocessors) {
  constexpr std::int64_t least_steps = 16, most_splits = 8;
  if (columns_of(problem) % 8 != 0) return 1;
  const auto plane = static_cast<double>(problem.grid[1] * problem.grid[2]);
  const auto rows = static_cast<std::int64_t>(plane * std::sqrt(plane));
  const std::int64_t columns = columns_of(problem);
  const std::int64_t blocks =
      columns > 32 ? divide_up(rows, 64) * divide_up(columns, 64) : divide_up(rows, 128);  // of the smallest tiles
  return static_cast<int>(std::clamp<std::int64_t>(
      std::min(enough_blocks(multiprocessors) / blocks, steps_of(problem) / least_steps), 1, most_splits));
}

std::int64_t packed_columns(const Lowered& problem) {
  const int width = tile_columns(columns_of(problem));
  return divide_up(columns_of(problem), width) * width;
}

bool is_residual_supported(const EpilogueStage& stage) {
  return !stage.residual || stage.residual->dtype == DType::f16;
}

}  // namespace

std::int64_t steps_of(const Lowered& problem) { return (volume(problem.kernel) * (problem.input.shape.c / 8) + 3) / 4; }

std::int64_t columns_of(const Lowered& problem) { return problem.phase_count() * problem.output.shape.c; }

bool fits_implicit_gemm(const Lowered& problem) {
  constexpr std::int64_t int_max = std::numeric_limits<std::int32_t>::max();
  const auto& in = problem.input;
  const bool granules = in.shape.c % 8 == 0 && in.pitch % 8 == 0;
  const bool types = in.dtype == DType::f16 &&
                     (problem.output.dtype == DType::f16 || problem.output.dtype == DType::f32) &&
                     std::ranges::all_of(problem.epilogue.stages, is_residual_supported);
  const bool phases = problem.phase_count() == 1 || problem.output.shape.c % 8 == 0;
  const bool kernel = std::ranges::all_of(problem.kernel, [](std::int64_t size) { return size <= 8; });
  const std::int64_t reach = problem.kernel[0] * in.shape.h * in.shape.w * in.pitch;  // elements under a row
  return granules && types && phases && kernel && reach <= int_max && problem.positions() <= int_max - 128 &&
         columns_of(problem) <= int_max && steps_of(problem) * 4 <= int_max;
}

GemmTiling tiling_of(const Lowered& problem, int multiprocessors) {
  GemmTiling tiling{128, tile_columns(columns_of(problem)), splits_of(problem, multiprocessors)};
  const std::int64_t blocks =
      divide_up(problem.positions(), 128) * divide_up(columns_of(problem), tiling.columns) * tiling.splits;
  if (columns_of(problem) > 32 && blocks < enough_blocks(multiprocessors)) tiling.rows = tiling.columns = 64;
  return tiling;
}

std::int64_t packed_kernel_bytes(const Lowered& problem) {
  return steps_of(problem) * packed_columns(problem) * 32 * static_cast<std::int64_t>(sizeof(__half));
}

void pack_kernel(const Lowered& problem, std::span<const float> kernel, const KernelStrides& strides, std::byte* to) {
  const std::int64_t outputs = problem.output.shape.c, granules = problem.input.shape.c / 8;
  const std::int64_t count = volume(problem.kernel) * granules, step = packed_columns(problem) * 32;
  auto* const packed = reinterpret_cast<std::uint16_t*>(to);
  for (std::int64_t column = 0; column < columns_of(problem); ++column) {
    const float* const from = kernel.data() + column % outputs * strides.output + column / outputs * strides.phase;
    for (std::int64_t i = 0; i < count; ++i) {
      const float* const values = from + i / granules * strides.tap + i % granules * 8 * strides.input;
      std::uint16_t* const granule = packed + i / 4 * step + column * 32 + i % 4 * 8;
      for (int channel = 0; channel < 8; ++channel)
        granule[channel] = runtime::float_to_fp16(values[channel * strides.input]);
    }
  }
}

std::int64_t workspace_bytes(const Lowered& problem, const GemmTiling& tiling) {
  if (tiling.splits == 1) return 0;
  return tiling.splits * problem.positions() * columns_of(problem) * static_cast<std::int64_t>(sizeof(float));
}

}  // namespace pleura::kernels::cuda
