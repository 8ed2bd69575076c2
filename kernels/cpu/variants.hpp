#pragma once
/// The variants of the CPU backend, one an instruction set; those that the processor lacks support nothing.
#include "kernels/backend.hpp"

namespace pleura::kernels::cpu {

[[nodiscard]] std::span<const ConvolutionVariant> convolution_variants();
[[nodiscard]] std::span<const ConvolutionVariant> onednn_variants();  ///< only in builds with oneDNN
[[nodiscard]] std::span<const DeconvolutionVariant> deconvolution_variants();
[[nodiscard]] std::span<const PoolingVariant> pooling_variants();

}  // namespace pleura::kernels::cpu
