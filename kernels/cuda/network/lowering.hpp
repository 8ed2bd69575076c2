#pragma once
/// Convolution and deconvolution in one form, so that one kernel does both.
#include "kernels/deconvolution.hpp"

namespace pleura::kernels::cuda {

/// Over the positions z of a grid: a convolution's output voxels, or a deconvolution's input voxels, which then have
/// one output voxel in each of stride^3 phases. output(z * phases + phase) = epilogue(bias + sum over k of
/// input(z * stride - pad + k) * kernel[phase][k]).
struct Lowered {
  runtime::TensorDesc input, output;
  Extent3 grid{}, kernel{1, 1, 1}, stride{1, 1, 1}, pad{}, phases{1, 1, 1};
  Epilogue epilogue;

  [[nodiscard]] std::int64_t positions() const { return input.shape.n * grid[0] * grid[1] * grid[2]; }
  [[nodiscard]] std::int64_t phase_count() const { return phases[0] * phases[1] * phases[2]; }
};

[[nodiscard]] inline Lowered lower(const Convolution& operation) {
  const auto& out = operation.output.shape;
  return {operation.input,   operation.output, {out.d, out.h, out.w}, operation.kernel, operation.stride,
          operation.pad_low, {1, 1, 1},        operation.epilogue};
}

[[nodiscard]] inline Lowered lower(const Deconvolution& operation) {
  const auto& in = operation.input.shape;
  return {operation.input, operation.output, {in.d, in.h, in.w}, {1, 1, 1},
          {1, 1, 1},       {0, 0, 0},        operation.stride,   operation.epilogue};
}

/// Elements of a kernel from one output channel, input channel, tap and phase to the next.
struct KernelStrides {
  std::int64_t output = 0, input = 0, tap = 0, phase = 0;
};

/// OIDHW.
[[nodiscard]] inline KernelStrides kernel_strides(const Convolution& operation) {
  const std::int64_t taps = operation.kernel[0] * operation.kernel[1] * operation.kernel[2];
  return {taps * operation.input.shape.c, taps, 1, 0};
}

/// IODHW, a tap for each phase.
[[nodiscard]] inline KernelStrides kernel_strides(const Deconvolution& operation) {
  const std::int64_t phases = operation.stride[0] * operation.stride[1] * operation.stride[2];
  return {phases, phases * operation.output.shape.c, 0, 1};
}

}  // namespace pleura::kernels::cuda
