// Convolutions that are matrix products on cuBLASLt; of the epilogue, what that leaves is done by a kernel of our own.
#include <algorithm>

#include "kernels/cuda/network/vendor_step.hpp"
#include "kernels/cuda/variants.hpp"

namespace pleura::kernels::cuda {
namespace {

using vendor::CublasLtPlan;
using vendor::DeviceLibraries;

/// The kernel as its rows: output channels by taps and input channels.
runtime::TensorDesc kernel_rows(const Convolution& operation) {
  const auto [d, h, w] = operation.kernel;
  return dense(operation.input.dtype, {operation.output.shape.c, d, h, w, operation.input.shape.c});
}

bool supports(const Convolution& operation, const runtime::Device& device) {
  const auto of_output = [&](const EpilogueStage& stage) {
    return !stage.residual || stage.residual->dtype == operation.output.dtype;
  };
  if (!vendor::matrix_product(operation) || !std::ranges::all_of(operation.epilogue.stages, of_output)) return false;
  const DeviceLibraries& libraries = DeviceLibraries::of(device);
  return libraries.why().empty() && libraries.product(operation);
}

/// Not timed on a GPU yet: dearer than kernels of our own, cheaper than a convolution of cuDNN's, which is more
/// general.
double cost(const Convolution& operation, const runtime::Device& /*device*/) {
  return static_cast<double>(macs(operation)) * 0.9e3;
}

std::unique_ptr<WeightedStep> make(const Convolution& operation, const runtime::Device& device) {
  const DeviceLibraries& libraries = DeviceLibraries::of(device);
  return std::make_unique<PlannedStep<CublasLtPlan>>(libraries, libraries.product(operation), lower(operation),
                                                     kernel_strides(operation), kernel_rows(operation));
}

constexpr ConvolutionVariant variant{"cublaslt", supports, cost, make, true, true};

}  // namespace

std::span<const ConvolutionVariant> cublaslt_convolutions() { return {&variant, 1}; }

}  // namespace pleura::kernels::cuda
