#pragma once
// From an operation to the launch of its tile.
#include "direct_convolution.cuh"
#include "kernels/cuda/launch.hpp"

namespace pleura::kernels::cuda {

template <class Element>
DirectArguments arguments_of(const Lowered& operation, const DirectTiling& tiling,
                             const ConvolutionOperands<Element>& operands) {
  const auto& in = operation.input;
  const auto [d, h, w] = operation.grid;
  const auto count = [](std::int64_t value, std::int64_t size) { return static_cast<int>((value + size - 1) / size); };
  DirectArguments a;
  a.input = operands.input;
  a.kernel = operands.kernel;
  a.parts = tiling.splits > 1 ? operands.workspace : nullptr;
  a.input_plane = in.shape.h * in.shape.w * in.pitch;
  a.voxels = operation.output.shape.voxels();
  a.input_pitch = static_cast<int>(in.pitch);
  a.channels = static_cast<int>(in.shape.c);
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
  a.input_vectors =
      in.shape.c % 4 == 0 && in.pitch % 4 == 0 &&
      reinterpret_cast<std::uintptr_t>(operands.input) % static_cast<std::uintptr_t>(4 * size_of(in.dtype)) == 0;
  a.output = output_of(operation, operands, tiling.shape == DirectShape::few_outputs ? 2 : 8);
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
void launch(const Lowered& operation, const DirectTiling& tiling, const ConvolutionOperands<Element>& operands,
            cudaStream_t stream) {
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
  a.output = output_of(operation, operands, 4);
  add_parts_kernel<Element>
      <<<blocks_for(a.voxels * ((a.output.channels + 3) / 4), threads, "add_parts_kernel"), threads, 0, stream>>>(a);
  check_launch("add_parts_kernel");
}

}  // namespace pleura::kernels::cuda
