#pragma once
// From an operation to the launch of its tile.
#include "direct_convolution.cuh"
#include "kernels/cuda/launch.hpp"

namespace pleura::kernels::cuda {

inline Int3 int3_of(const Extent3& extent) {
  return {static_cast<int>(extent[0]), static_cast<int>(extent[1]), static_cast<int>(extent[2])};
}

inline bool aligned(const void* pointer, std::int64_t bytes) {
  return reinterpret_cast<std::uintptr_t>(pointer) % static_cast<std::uintptr_t>(bytes) == 0;
}

/// Whether the outputs of a voxel, and the residuals, can be moved as vectors of up to 16 bytes.
template <class Element>
bool can_move_outputs(const Lowered& operation, const DirectOperands<Element>& operands, int outputs) {
  const auto whole = [&](const void* pointer, const runtime::TensorDesc& desc) {
    return desc.pitch % outputs == 0 && aligned(pointer, std::min<std::int64_t>(16, outputs * size_of(desc.dtype)));
  };
  bool all = operation.output.shape.c % outputs == 0 && whole(operands.output, operation.output);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& residual = operation.epilogue.stages[i].residual;
    if (residual && residual->shape.c > 1) all = all && whole(operands.epilogue.stages[i].residual, *residual);
  }
  return all;
}

template <class Element>
DirectArguments arguments_of(const Lowered& operation, const DirectTiling& tiling,
                             const DirectOperands<Element>& operands) {
  const auto& in = operation.input;
  const auto [d, h, w] = operation.grid;
  const auto count = [](std::int64_t value, std::int64_t size) { return static_cast<int>((value + size - 1) / size); };
  DirectArguments a;
  a.input = operands.input;
  a.kernel = operands.kernel;
  a.output = operands.output;
  a.parts = tiling.splits > 1 ? operands.workspace : nullptr;
  a.output_pitch = operation.output.pitch;
  a.input_plane = in.shape.h * in.shape.w * in.pitch;
  a.voxels = operation.output.shape.voxels();
  a.input_pitch = static_cast<int>(in.pitch);
  a.channels = static_cast<int>(in.shape.c);
  a.outputs = static_cast<int>(operation.output.shape.c);
  a.chunks = static_cast<int>(tiling.chunks);
  a.stages = static_cast<int>(tiling.stages());
  a.splits = tiling.splits;
  a.size = int3_of({in.shape.d, in.shape.h, in.shape.w});
  a.grid = int3_of(operation.grid);
  a.taps = tiling.k == 1 ? int3_of(operation.kernel) : Int3{static_cast<int>(operation.kernel[0]), 1, 1};
  a.stride = int3_of(operation.stride);
  a.pad = int3_of(operation.pad);
  a.phases = int3_of(operation.phases);
  a.plane_tiles = count(d, tiling.planes);
  a.row_tiles = count(h, tiling.rows);
  a.run_tiles = count(w, tiling.width);
  a.channel_tiles = static_cast<int>(tiling.channel_tiles);
  a.input_vectors = in.shape.c % 4 == 0 && in.pitch % 4 == 0 && aligned(operands.input, 4 * size_of(in.dtype));
  a.output_vectors = can_move_outputs(operation, operands, tiling.shape == DirectShape::few_outputs ? 2 : 8);
  a.f32_output = operation.output.dtype == runtime::DType::f32;
  a.epilogue = operands.epilogue;
  return a;
}

template <class Element, DirectShape shape, int k>
void launch(const DirectArguments& a, std::int64_t n, cudaStream_t stream) {
  using Tile = typename DirectTileOf<shape, k>::type;
  const std::int64_t blocks =
      n * a.plane_tiles * a.row_tiles * a.run_tiles * a.channel_tiles * a.phases.d * a.phases.h * a.phases.w * a.splits;
  direct_convolution_kernel<Element, Tile>
      <<<blocks_for(blocks, 1, "direct_convolution_kernel"), Tile::threads, 0, stream>>>(a);
  check_launch("direct_convolution_kernel");
}

template <class Element, int k>
void launch(DirectShape shape, const DirectArguments& a, std::int64_t n, cudaStream_t stream) {
  switch (shape) {
    case DirectShape::wide:
      return launch<Element, DirectShape::wide, k>(a, n, stream);
    case DirectShape::square:
      return launch<Element, DirectShape::square, k>(a, n, stream);
    case DirectShape::small_planes:
      return launch<Element, DirectShape::small_planes, k>(a, n, stream);
    case DirectShape::few_outputs:
      return launch<Element, DirectShape::few_outputs, k>(a, n, stream);
  }
}

template <class Element>
void launch(const Lowered& operation, const DirectOperands<Element>& operands, cudaStream_t stream) {
  const DirectTiling tiling = direct_tiling(operation);
  DirectArguments a = arguments_of(operation, tiling, operands);
  const std::int64_t n = operation.input.shape.n;
  if (tiling.k == 1)
    launch<Element, 1>(tiling.shape, a, n, stream);
  else if (tiling.k == 3)
    launch<Element, 3>(tiling.shape, a, n, stream);
  else
    launch<Element, 5>(tiling.shape, a, n, stream);
  if (tiling.splits == 1) return;
  constexpr unsigned threads = 128;
  a.output_vectors = can_move_outputs(operation, operands, 4);
  add_parts_kernel<Element>
      <<<blocks_for(a.voxels * ((a.outputs + 3) / 4), threads, "add_parts_kernel"), threads, 0, stream>>>(a);
  check_launch("add_parts_kernel");
}

}  // namespace pleura::kernels::cuda
