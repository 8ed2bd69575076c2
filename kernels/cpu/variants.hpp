#pragma once
/// The variants of the CPU backend, one an instruction set; those that the processor lacks support nothing.
#include "kernels/backend.hpp"

namespace pleura::kernels::cpu {

[[nodiscard]] std::span<const ConvolutionVariant> convolution_variants();
[[nodiscard]] std::span<const ConvolutionVariant> onednn_variants();  ///< only in builds with oneDNN
/// "oneDNN 3.0.0 (commit), isa N": N as its effective instruction set is numbered. Only in builds with it.
[[nodiscard]] std::string onednn_version();
[[nodiscard]] std::span<const DeconvolutionVariant> deconvolution_variants();
[[nodiscard]] std::span<const PoolingVariant> pooling_variants();

}  // namespace pleura::kernels::cpu
