#include "kernels/reference/backend.hpp"

#include <array>

#include "kernels/reference/instrument.hpp"

namespace pleura::kernels {
namespace {

template <class Operation>
bool always(const Operation& /*operation*/, const runtime::Device& /*device*/) {
  return true;
}

/// Far more than any other variant would claim.
template <class Operation>
double slowest(const Operation& /*operation*/, const runtime::Device& /*device*/) {
  return 1e30;
}

std::unique_ptr<runtime::Device> open(std::optional<int> /*index*/, int threads) {
  return runtime::open_cpu("reference", threads);
}

void convert(const void* input, void* output, const Conversion& operation, const runtime::Stream& /*stream*/) {
  reference::convert(input, output, operation);
}

Peaks measure_peaks(runtime::Device& device, runtime::DType activations, std::int64_t bytes) {
  return cpu_backend().peaks(device, activations, bytes);
}

std::unique_ptr<Instrument> make_instrument(runtime::Device& /*device*/) {
  return std::make_unique<reference::NaiveInstrument>();
}

constexpr ConvolutionVariant convolution{"reference", always<Convolution>, slowest<Convolution>,
                                         reference::make_convolution};
constexpr DeconvolutionVariant deconvolution{"reference", always<Deconvolution>, slowest<Deconvolution>,
                                             reference::make_deconvolution};
constexpr PoolingVariant pooling{"reference", always<Pooling>, slowest<Pooling>, reference::make_pooling};

}  // namespace

const Backend& reference_backend() {
  static constexpr std::array activations{runtime::DType::f32, runtime::DType::bf16};
  static constexpr Backend backend{
      "reference",       activations,         open,          false,         convert, make_instrument,
      {&convolution, 1}, {&deconvolution, 1}, {&pooling, 1}, measure_peaks, nullptr};
  return backend;
}

}  // namespace pleura::kernels
