#pragma once
/// Direct convolution on register tiles: the geometry that convolutions and deconvolutions share, and its step.
#include <memory>

#include "kernels/convolution.hpp"
#include "kernels/cpu/tile.hpp"

namespace pleura::kernels::cpu {

/// For each phase p and each position of a grid (n, d, h, w):
///   output(position * scale + p) = epilogue(bias + sum over taps of input(position * stride - pad + tap) * kernel_p)
/// A convolution has scale 1 and one phase. A deconvolution has one tap and a phase for each voxel of its kernel.
struct DirectProblem {
  runtime::TensorDesc input, output;
  std::int64_t n = 1;
  Extent3 grid{};
  Extent3 kernel{1, 1, 1}, stride{1, 1, 1}, pad{}, scale{1, 1, 1};
  bool padded = false;  ///< taps reach outside the input
  Epilogue epilogue{};

  [[nodiscard]] std::int64_t phases() const { return scale[0] * scale[1] * scale[2]; }
  [[nodiscard]] std::int64_t taps() const { return kernel[0] * kernel[1] * kernel[2]; }
};

/// A 1^3 convolution becomes one long row, so that tiles fill well whatever the volume's width.
[[nodiscard]] DirectProblem direct_problem(const Convolution& operation);

/// Input and output are f32 or bf16, residuals too.
[[nodiscard]] bool direct_supports(const TileSet& tiles, const DirectProblem& problem);

/// Vector operations of the tiles' shapes: what the variants of the CPU backend share as the unit of cost.
[[nodiscard]] double direct_cost(const TileSet& tiles, const DirectProblem& problem);

/// Where the weight of (phase, tap, i, o) lies in PyTorch's kernel: the sum of its indices times these.
struct KernelStrides {
  std::int64_t phase, tap, in, out;
};

/// Its packed form follows from the tiles, the input's type and channels, and whether it is padded.
[[nodiscard]] std::unique_ptr<WeightedStep> make_direct(const TileSet& tiles, const DirectProblem& problem,
                                                        const KernelStrides& strides);

}  // namespace pleura::kernels::cpu
