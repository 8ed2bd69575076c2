#include "kernels/reference/backend.hpp"

namespace pleura::kernels {
namespace {

template <class Operation>
bool always(const Operation& /*operation*/) {
  return true;
}

/// Far more than any other variant would claim.
template <class Operation>
double slowest(const Operation& /*operation*/) {
  return 1e30;
}

constexpr ConvolutionVariant convolution{"reference", always<Convolution>, slowest<Convolution>,
                                         reference::make_convolution};
constexpr DeconvolutionVariant deconvolution{"reference", always<Deconvolution>, slowest<Deconvolution>,
                                             reference::make_deconvolution};
constexpr PoolingVariant pooling{"reference", always<Pooling>, slowest<Pooling>, reference::make_pooling};

}  // namespace

const Backend& reference_backend() {
  static constexpr Backend backend{
      "reference", runtime::open_cpu, {&convolution, 1}, {&deconvolution, 1}, {&pooling, 1}};
  return backend;
}

}  // namespace pleura::kernels
