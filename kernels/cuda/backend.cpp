#include "kernels/backend.hpp"

#include <cuda_runtime_api.h>

#include <array>

#include "kernels/cuda/instrument.hpp"
#include "kernels/cuda/network/conversion.hpp"
#include "kernels/cuda/variants.hpp"
#include "runtime/cuda/device.hpp"

namespace pleura::kernels {
const Backend& cuda_backend() {
  static const auto convolutions =
      join<ConvolutionVariant>({cuda::direct_convolutions(), cuda::tensor_core_convolutions()});
  static const auto deconvolutions =
      join<DeconvolutionVariant>({cuda::direct_deconvolutions(), cuda::tensor_core_deconvolutions()});
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
                               runtime::cuda::device_count,
                               CUDART_VERSION / 1000};
  return backend;
}

}  // namespace pleura::kernels
