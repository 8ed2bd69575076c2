#pragma once
/// The variants of the CUDA backend, a list for each family of kernels. A variant whose kernels the current device
/// cannot run supports nothing.
#include "kernels/backend.hpp"

namespace pleura::kernels::cuda {

/// f32 and f16 without tensor cores, on every device (direct_convolution.hpp).
[[nodiscard]] std::span<const ConvolutionVariant> direct_convolutions();
[[nodiscard]] std::span<const DeconvolutionVariant> direct_deconvolutions();

/// f16 on tensor cores, from sm_75 on (implicit_gemm.hpp).
[[nodiscard]] std::span<const ConvolutionVariant> tensor_core_convolutions();
[[nodiscard]] std::span<const DeconvolutionVariant> tensor_core_deconvolutions();

/// f32 and f16 on any device.
[[nodiscard]] std::span<const PoolingVariant> pooling_variants();

}  // namespace pleura::kernels::cuda
