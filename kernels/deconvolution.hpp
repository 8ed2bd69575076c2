#pragma once
/// Transposed convolution whose stride is its kernel (V-Net: 2^3 stride 2), with its epilogue. No two outputs overlap.
#include <array>
#include <span>

#include "kernels/convolution.hpp"

namespace pleura::kernels {

/// output(s * z + k, o) = epilogue(bias[o] + sum over i of input(z, i) * kernel[i][o][k]) for 0 <= k < s, in each
/// dimension. Output sizes are s times the input's.
struct Deconvolution {
  runtime::TensorDesc input, output;
  Extent3 stride{2, 2, 2};  ///< and kernel
  Epilogue epilogue;
  bool operator==(const Deconvolution&) const = default;
};

/// As ConvolutionWeights, but the kernel is IODHW, as in PyTorch's ConvTranspose3d.
using DeconvolutionWeights = ConvolutionWeights;

using DeconvolutionVariant = Variant<Deconvolution, WeightedStep>;

/// Throws Error(internal) naming what does not fit together.
void check(const Deconvolution& operation);
void check(const Deconvolution& operation, const DeconvolutionWeights& weights);

[[nodiscard]] std::int64_t macs(const Deconvolution& operation);
[[nodiscard]] std::string to_string(const Deconvolution& operation);

}  // namespace pleura::kernels
