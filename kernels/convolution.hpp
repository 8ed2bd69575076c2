#pragma once
/// 3D convolution with its epilogue. A 2D convolution has a kernel (1, k, k) on a depth of 1; a linear layer has a
/// kernel as large as its input.
#include <array>

#include "kernels/packing.hpp"
#include "kernels/variant.hpp"

namespace pleura::kernels {

using Extent3 = std::array<std::int64_t, 3>;  ///< (d, h, w)

/// output(z, y, x, o) = epilogue(bias[o] + sum over k, i of input((z, y, x) * stride - pad_low + k, i) *
/// kernel[o][i][k]), input being 0 outside. Output sizes are (input + pad_low + pad_high - kernel) / stride + 1,
/// rounded down.
struct Convolution {
  runtime::TensorDesc input, output;
  Extent3 kernel{1, 1, 1}, stride{1, 1, 1};
  Extent3 pad_low{}, pad_high{};  ///< they differ where the operation is a slab of a larger one
  Epilogue epilogue;
  bool operator==(const Convolution&) const = default;
};

using ConvolutionVariant = Variant<Convolution, WeightedStep>;

/// Throws Error(internal) naming what does not fit together.
void check(const Convolution& operation);
void check(const Convolution& operation, const ConvolutionWeights& weights);

/// Multiply-accumulates, padding counted as if it were data.
[[nodiscard]] std::int64_t macs(const Convolution& operation);

/// One line that names the problem: "conv f32:1x8x9x10x16 -> f32:1x8x9x10x16/32 k5x5x5 s1x1x1 p2x2x2+2x2x2 prelu +res16
/// prelu".
[[nodiscard]] std::string to_string(const Convolution& operation);

}  // namespace pleura::kernels
