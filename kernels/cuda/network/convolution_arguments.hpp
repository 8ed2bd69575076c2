#pragma once
/// What the kernels of convolution take alike: the memory of a run, and where outputs go.
#include <algorithm>

#include "kernels/cuda/network/epilogue_arguments.hpp"
#include "kernels/cuda/network/lowering.hpp"

namespace pleura::kernels::cuda {

struct Int3 {
  int d, h, w;
};

inline Int3 int3_of(const Extent3& extent) {
  return {static_cast<int>(extent[0]), static_cast<int>(extent[1]), static_cast<int>(extent[2])};
}

/// Memory of one run. The kernel is aligned to 16 bytes; output is Element* or float* as the output's type says.
template <class Element>
struct ConvolutionOperands {
  const Element* input = nullptr;
  const Element* kernel = nullptr;
  EpilogueArguments epilogue;
  void* output = nullptr;
  float* workspace = nullptr;
};

/// Outputs and what they go through, as a kernel's argument.
struct OutputArguments {
  void* data = nullptr;
  std::int64_t pitch = 0;
  int channels = 0;
  bool f32 = false;
  bool vectors = false;  ///< outputs and residuals can be moved as many at a time as a thread has
  EpilogueArguments epilogue;
};

/// For threads that have `size` channels of a voxel.
template <class Element>
OutputArguments output_of(const Lowered& operation, const ConvolutionOperands<Element>& operands, int size) {
  const auto moves = [size](const void* data, const runtime::TensorDesc& desc) {
    const std::int64_t alignment = std::min<std::int64_t>(16, size * size_of(desc.dtype));
    return desc.pitch % size == 0 &&
           reinterpret_cast<std::uintptr_t>(data) % static_cast<std::uintptr_t>(alignment) == 0;
  };
  const runtime::TensorDesc& output = operation.output;
  bool vectors = output.shape.c % size == 0 && moves(operands.output, output);
  for (std::size_t i = 0; i < operation.epilogue.stages.size(); ++i) {
    const auto& residual = operation.epilogue.stages[i].residual;
    if (residual && residual->shape.c > 1) vectors = vectors && moves(operands.epilogue.stages[i].residual, *residual);
  }
  return {operands.output, output.pitch,     static_cast<int>(output.shape.c), output.dtype == runtime::DType::f32,
          vectors,         operands.epilogue};
}

}  // namespace pleura::kernels::cuda
