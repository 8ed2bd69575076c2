// Convolution and deconvolution on cuDNN; of the epilogue, what that leaves is done by a kernel of our own.
#include <algorithm>

#include "kernels/cuda/network/vendor_step.hpp"
#include "kernels/cuda/variants.hpp"

namespace pleura::kernels::cuda {
namespace {

using runtime::DType;
using vendor::cudnn_layer;
using vendor::CudnnPlan;
using vendor::DeviceLibraries;

/// Not f16 -> f32, which cuDNN 9.10 has no engine for: logits would be rounded on their way.
bool fits(const Lowered& operation) {
  const DType type = operation.input.dtype;
  return (type == DType::f32 || type == DType::f16) && operation.output.dtype == type &&
         std::ranges::all_of(operation.epilogue.stages, [type](const EpilogueStage& stage) {
           return !stage.residual || stage.residual->dtype == type;
         });
}

template <class Operation>
bool supports(const Operation& operation, const runtime::Device& device) {
  if (!fits(lower(operation))) return false;
  const DeviceLibraries& libraries = DeviceLibraries::of(device);
  return libraries.why().empty() && libraries.plan(cudnn_layer(operation), operation.epilogue);
}

/// Multiply-accumulates at the rate of fp32; in fp16 on tensor cores at eight times that. Set so that it is the
/// cheapest for what it was faster at on an H200 (docs/performance.md), fp16 of 5^3 and 64 channels or more, and
/// nowhere else.
template <class Operation>
double cost(const Operation& operation, const runtime::Device& device) {
  const Lowered problem = lower(operation);
  const bool faster = problem.input.dtype == DType::f16 && device.properties().major >= 8 &&
                      problem.kernel == Extent3{5, 5, 5} && problem.input.shape.c >= 64 && problem.output.shape.c >= 64;
  return static_cast<double>(macs(operation)) * (faster ? 0.8 / 8 : 1e3);
}

template <class Operation>
std::unique_ptr<WeightedStep> make(const Operation& operation, const runtime::Device& device) {
  const DeviceLibraries& libraries = DeviceLibraries::of(device);
  const vendor::CudnnLayer layer = cudnn_layer(operation);
  return std::make_unique<PlannedStep<CudnnPlan>>(libraries, libraries.plan(layer, operation.epilogue),
                                                  lower(operation), kernel_strides(operation), layer.kernel_desc(),
                                                  layer.transposed);
}

template <class Operation>
constexpr Variant<Operation, WeightedStep> variant{"cudnn", supports<Operation>, cost<Operation>, make<Operation>, true,
                                                   true};

}  // namespace

std::span<const ConvolutionVariant> cudnn_convolutions() { return {&variant<Convolution>, 1}; }

std::span<const DeconvolutionVariant> cudnn_deconvolutions() { return {&variant<Deconvolution>, 1}; }

std::string why_no_cudnn(const runtime::Device& device) { return DeviceLibraries::of(device).why(); }

}  // namespace pleura::kernels::cuda
