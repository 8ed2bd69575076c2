#include "kernels/backend.hpp"

#include <cuda_runtime_api.h>

#include <array>

#include "kernels/cuda/instrument.hpp"
#include "kernels/cuda/network/conversion.hpp"
#include "kernels/cuda/network/peaks.hpp"
#include "kernels/cuda/variants.hpp"
#include "runtime/cuda/device.hpp"

namespace pleura::kernels {
namespace {

#ifdef PLEURA_WITH_CUDNN
constexpr auto why_no_cudnn = cuda::why_no_cudnn;
std::vector<ConvolutionVariant> vendor_convolutions() {
  return join<ConvolutionVariant>({cuda::cublaslt_convolutions(), cuda::cudnn_convolutions()});
}
std::span<const DeconvolutionVariant> vendor_deconvolutions() { return cuda::cudnn_deconvolutions(); }
#else
std::string why_no_cudnn(const runtime::Device& /*device*/) {
  return "this build of pleura was made without its headers";
}
std::vector<ConvolutionVariant> vendor_convolutions() { return {}; }
std::span<const DeconvolutionVariant> vendor_deconvolutions() { return {}; }
#endif

}  // namespace

const Backend& cuda_backend() {
  static const auto convolutions =
      join<ConvolutionVariant>({cuda::direct_convolutions(), cuda::tensor_core_convolutions(), vendor_convolutions()});
  static const auto deconvolutions = join<DeconvolutionVariant>(
      {cuda::direct_deconvolutions(), cuda::tensor_core_deconvolutions(), vendor_deconvolutions()});
  static constexpr std::array activations{runtime::DType::f32, runtime::DType::f16};
  static const Backend backend{"cuda",
                               activations,
                               runtime::cuda::open_device,
                               true,
                               cuda::convert,
                               cuda::make_instrument,
                               convolutions,
                               deconvolutions,
                               cuda::pooling_variants(),
                               cuda::measure_peaks,
                               [] { return "CUDA " + std::to_string(CUDART_VERSION); },
                               runtime::cuda::device_count,
                               CUDART_VERSION / 1000,
                               why_no_cudnn};
  return backend;
}

}  // namespace pleura::kernels
