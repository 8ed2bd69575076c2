#include "kernels/backend.hpp"

#include <array>
#include <initializer_list>
#include <vector>

#include "kernels/cuda/conversion.hpp"
#include "kernels/cuda/instrument.hpp"
#include "kernels/cuda/variants.hpp"
#include "runtime/cuda/device.hpp"

namespace pleura::kernels {
namespace {

template <class V>
std::vector<V> join(std::initializer_list<std::span<const V>> families) {
  std::vector<V> all;
  for (const std::span<const V> family : families) all.insert(all.end(), family.begin(), family.end());
  return all;
}

}  // namespace

const Backend& cuda_backend() {
  static const std::vector<ConvolutionVariant> convolutions =
      join<ConvolutionVariant>({cuda::direct_convolutions(), cuda::tensor_core_convolutions()});
  static const std::vector<DeconvolutionVariant> deconvolutions =
      join<DeconvolutionVariant>({cuda::direct_deconvolutions(), cuda::tensor_core_deconvolutions()});
  static const std::vector<PoolingVariant> poolings = join<PoolingVariant>({cuda::pooling_variants()});
  static constexpr std::array activations{runtime::DType::f32, runtime::DType::f16};
  static const Backend backend{"cuda",       activations,    runtime::cuda::open_device,
                               true,         cuda::convert,  cuda::make_instrument,
                               convolutions, deconvolutions, poolings};
  return backend;
}

}  // namespace pleura::kernels
