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

/// On cuDNN and cuBLASLt, opened when they are first asked, where both make a handle (vendor/device_libraries.hpp).
/// Only in builds with their headers.
[[nodiscard]] std::span<const ConvolutionVariant> cublaslt_convolutions();
[[nodiscard]] std::span<const ConvolutionVariant> cudnn_convolutions();
[[nodiscard]] std::span<const DeconvolutionVariant> cudnn_deconvolutions();
/// Why they support nothing on a device that the calling thread is bound to, in one line; empty where they may.
[[nodiscard]] std::string why_no_cudnn(const runtime::Device& device);

/// f32 and f16 on any device.
[[nodiscard]] std::span<const PoolingVariant> pooling_variants();

}  // namespace pleura::kernels::cuda
