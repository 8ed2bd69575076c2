// What of the direct convolution is known on the host: what fits, how it is cut, how the kernel is packed.
#include "kernels/cuda/network/direct_convolution.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/float16.hpp"
#include "runtime/round_up.hpp"

namespace pleura::kernels::cuda {
namespace {

using runtime::divide_up;
using runtime::DType;

/// Of stages, where the tiles of a volume as deep as its planes are wide are too few for a GPU: four on each of its
/// multiprocessors.
int splits_of(const Lowered& operation, const DirectTiling& tiling, int multiprocessors) {
  constexpr std::int64_t least_stages = 16, most_splits = 16;
  const std::int64_t enough_blocks = std::int64_t{4} * multiprocessors;
  const auto [d, h, w] = operation.grid;
  const auto depth = static_cast<std::int64_t>(std::sqrt(static_cast<double>(h * w)));
  const std::int64_t blocks = divide_up(depth, tiling.planes) * divide_up(h, tiling.rows) * divide_up(w, tiling.width) *
                              tiling.channel_tiles * operation.phase_count();
  return static_cast<int>(
      std::clamp<std::int64_t>(std::min(enough_blocks / blocks, tiling.stages() / least_stages), 1, most_splits));
}

template <class Tile>
void set_tile(DirectTiling& tiling) {
  tiling.channels = Tile::channels;
  tiling.planes = Tile::planes;
  tiling.rows = Tile::rows;
  tiling.width = Tile::width;
  tiling.chunk = Tile::chunk;
}

template <int k>
void set_tile_of(DirectTiling& tiling) {
  switch (tiling.shape) {
    case DirectShape::wide:
      return set_tile<typename DirectTileOf<DirectShape::wide, k>::type>(tiling);
    case DirectShape::square:
      return set_tile<typename DirectTileOf<DirectShape::square, k>::type>(tiling);
    case DirectShape::small_planes:
      return set_tile<typename DirectTileOf<DirectShape::small_planes, k>::type>(tiling);
    case DirectShape::few_outputs:
      return set_tile<typename DirectTileOf<DirectShape::few_outputs, k>::type>(tiling);
  }
}

/// The tiles that do least beside their plane and channels: these alone, for splits follow from the shape.
DirectShape shape_of(const Lowered& operation) {
  const std::int64_t outputs = operation.output.shape.c;
  if (outputs <= 2) return DirectShape::few_outputs;
  const auto work = [&](std::int64_t rows, std::int64_t width, std::int64_t channels) {
    return divide_up(operation.grid[1], rows) * rows * divide_up(operation.grid[2], width) * width *
           divide_up(outputs, channels) * channels;
  };
  const std::int64_t square = work(16, 16, 32), wide = work(16, 32, 16), small = work(8, 8, 32);
  if (small < std::min(square, wide)) return DirectShape::small_planes;
  return wide < square ? DirectShape::wide : DirectShape::square;
}

/// All but the splits.
DirectTiling cut(const Lowered& operation, DirectShape shape) {
  const auto [d, h, w] = operation.kernel;
  const bool inside =
      h == w && (h == 3 || h == 5) && operation.stride[1] == 1 && operation.stride[2] == 1 && operation.stride[0] == 1;
  DirectTiling tiling{shape};
  tiling.k = inside ? static_cast<int>(h) : 1;
  if (tiling.k == 1)
    set_tile_of<1>(tiling);
  else if (tiling.k == 3)
    set_tile_of<3>(tiling);
  else
    set_tile_of<5>(tiling);
  tiling.taps = inside ? d : d * h * w;
  tiling.channel_tiles = divide_up(operation.output.shape.c, tiling.channels);
  tiling.chunks = divide_up(operation.input.shape.c, tiling.chunk);
  return tiling;
}

/// Packed kernel of a tile of output channels.
std::int64_t tile_elements(const DirectTiling& tiling) {
  return tiling.stages() * tiling.chunk * tiling.k * tiling.k * tiling.channels;
}

std::int64_t bytes_of(const Lowered& operation, const DirectTiling& tiling) {
  return operation.phase_count() * tiling.channel_tiles * tile_elements(tiling) * size_of(operation.input.dtype);
}

/// The tilings whose kernels are packed, one behind the other: where outputs leave half of the last 32 channels empty,
/// tiles of 16 and of 32 are both used, as the planes have it.
std::vector<DirectTiling> packed_tilings(const Lowered& operation) {
  const DirectTiling own = cut(operation, shape_of(operation));
  if (own.shape == DirectShape::few_outputs || divide_up(operation.output.shape.c, 16) % 2 == 0) return {own};
  const bool wide = own.shape == DirectShape::wide;
  return {wide ? own : cut(operation, DirectShape::wide), wide ? cut(operation, DirectShape::square) : own};
}

template <class Element, class Round>
void pack(const Lowered& operation, const DirectTiling& tiling, const float* kernel, const KernelStrides& strides,
          Element* packed, const Round& round) {
  const std::int64_t inner = static_cast<std::int64_t>(tiling.k) * tiling.k, width = tiling.channels;
  const std::int64_t outputs = operation.output.shape.c, inputs = operation.input.shape.c;
  const std::int64_t piece = tile_elements(tiling) / tiling.taps;  // of one outer tap
  for (std::int64_t index = 0; index < operation.phase_count() * tiling.channel_tiles * tiling.taps; ++index) {
    const std::int64_t outer = index % tiling.taps, tile = index / tiling.taps % tiling.channel_tiles;
    const std::int64_t phase = index / tiling.taps / tiling.channel_tiles;
    const std::int64_t first = tile * width, count = std::min(width, outputs - first);
    const float* const from = kernel + phase * strides.phase + first * strides.output + outer * inner * strides.tap;
    Element* row = packed + index * piece;
    for (std::int64_t input = 0; input < inputs; ++input)
      for (std::int64_t tap = 0; tap < inner; ++tap, row += width) {
        const float* const value = from + input * strides.input + tap * strides.tap;
        for (std::int64_t output = 0; output < count; ++output) row[output] = round(value[output * strides.output]);
      }
  }
}

bool fits_int(std::int64_t value) { return value <= std::numeric_limits<std::int32_t>::max(); }

}  // namespace

bool direct_supports(const Lowered& operation) {
  const DType type = operation.input.dtype, output = operation.output.dtype;
  const bool types = (type == DType::f32 || type == DType::f16) && (output == type || output == DType::f32) &&
                     std::ranges::all_of(operation.epilogue.stages, [&](const EpilogueStage& stage) {
                       return !stage.residual || stage.residual->dtype == type;
                     });
  const auto& in = operation.input;
  return types && fits_int(in.shape.h * in.shape.w * in.pitch) && fits_int(in.shape.n) && fits_int(in.shape.d);
}

DirectTiling direct_tiling(const Lowered& operation, int multiprocessors) {
  DirectTiling tiling = cut(operation, shape_of(operation));
  tiling.splits = splits_of(operation, tiling, multiprocessors);
  return tiling;
}

std::int64_t direct_kernel_bytes(const Lowered& operation) {
  std::int64_t bytes = 0;
  for (const DirectTiling& tiling : packed_tilings(operation)) bytes += bytes_of(operation, tiling);
  return bytes;
}

std::int64_t direct_kernel_offset(const Lowered& operation) {
  const std::vector<DirectTiling> packed = packed_tilings(operation);
  const bool second = packed.size() == 2 && shape_of(operation) != DirectShape::wide;
  return second ? bytes_of(operation, packed[0]) : 0;
}

std::string direct_kernel_form(const Lowered& operation) {
  std::string form = std::string("direct ") + name_of(operation.input.dtype);
  for (const DirectTiling& tiling : packed_tilings(operation))
    form += " k" + std::to_string(tiling.k) + " x" + std::to_string(tiling.channels) + " c" +
            std::to_string(tiling.chunks * tiling.chunk);
  return form;
}

void pack_direct_kernel(const Lowered& operation, std::span<const float> kernel, const KernelStrides& strides,
                        std::byte* to) {
  for (const DirectTiling& tiling : packed_tilings(operation)) {
    if (operation.input.dtype == DType::f32)
      pack(operation, tiling, kernel.data(), strides, reinterpret_cast<float*>(to), [](float value) { return value; });
    else
      pack(operation, tiling, kernel.data(), strides, reinterpret_cast<std::uint16_t*>(to), runtime::float_to_fp16);
    to += bytes_of(operation, tiling);
  }
}

std::int64_t direct_workspace_bytes(const Lowered& operation, const DirectTiling& tiling) {
  return tiling.splits == 1
             ? 0
             : tiling.splits * operation.output.shape.elements() * static_cast<std::int64_t>(sizeof(float));
}

double direct_cost(const Lowered& operation) {
  const DirectTiling tiling = cut(operation, shape_of(operation));
  const auto [d, h, w] = operation.grid;
  const std::int64_t positions = operation.input.shape.n * divide_up(d, tiling.planes) * tiling.planes *
                                 divide_up(h, tiling.rows) * tiling.rows * divide_up(w, tiling.width) * tiling.width;
  const std::int64_t depth = tiling.taps * tiling.k * tiling.k * operation.input.shape.c;
  const std::int64_t columns = operation.phase_count() * tiling.channel_tiles * tiling.channels;
  return static_cast<double>(positions) * static_cast<double>(depth) * static_cast<double>(columns);
}

}  // namespace pleura::kernels::cuda
