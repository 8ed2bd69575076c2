#include "kernels/backend.hpp"

#include <array>

#include "kernels/cpu/instrument.hpp"
#include "kernels/cpu/peaks.hpp"
#include "kernels/cpu/variants.hpp"

namespace pleura::kernels {
const Backend& cpu_backend() {
  // The reference comes last, for what no other supports.
  static const auto convolutions = join<ConvolutionVariant>({
      cpu::convolution_variants(),
#ifdef PLEURA_ONEDNN
      cpu::onednn_variants(),
#endif
      reference_backend().convolutions,
  });
  static const auto deconvolutions =
      join<DeconvolutionVariant>({cpu::deconvolution_variants(), reference_backend().deconvolutions});
  static const auto poolings = join<PoolingVariant>({cpu::pooling_variants(), reference_backend().poolings});
  static constexpr std::array activations{runtime::DType::f32, runtime::DType::bf16};
  static const Backend backend{
      "cpu",
      activations,
      [](std::optional<int> /*index*/, int threads) { return runtime::open_cpu("cpu", threads); },
      false,
      cpu::convert,
      cpu::make_instrument,
      convolutions,
      deconvolutions,
      poolings,
      cpu::measure_peaks,
#ifdef PLEURA_ONEDNN
      cpu::onednn_version
#else
      nullptr
#endif
  };
  return backend;
}

}  // namespace pleura::kernels
