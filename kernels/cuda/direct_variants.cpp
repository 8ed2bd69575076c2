// Variants of convolution and deconvolution without tensor cores.
#include <algorithm>

#include "kernels/cuda/device_weights.hpp"
#include "kernels/cuda/direct_convolution.hpp"
#include "kernels/cuda/variants.hpp"
#include "runtime/cuda/stream.hpp"

namespace pleura::kernels::cuda {
namespace {

using runtime::cuda::DeviceMemory;

/// In the type that the kernels read.
DeviceMemory kernel_on_device(const std::vector<float>& packed, runtime::DType type) {
  if (type == runtime::DType::f32) return on_device<float>(packed);
  std::vector<__half> halves(packed.size());
  std::ranges::transform(packed, halves.begin(), [](float value) { return __float2half_rn(value); });
  return on_device<__half>(halves);
}

class DirectStep final : public runtime::Step {
 public:
  DirectStep(const Lowered& operation, const ConvolutionWeights& weights, const KernelStrides& strides)
      : operation_(operation),
        weights_(kernel_on_device(pack_direct_kernel(operation, weights.kernel, strides), operation.input.dtype),
                 weights) {}

  std::int64_t workspace_bytes() const override { return direct_workspace_bytes(operation_); }
  std::int64_t weight_bytes() const override { return weights_.bytes(); }

  void enqueue(const runtime::Operands& operands, const runtime::Stream& stream) const override {
    if (operation_.input.dtype == runtime::DType::f32)
      run<float>(operands, stream);
    else
      run<__half>(operands, stream);
  }

 private:
  template <class Element>
  void run(const runtime::Operands& operands, const runtime::Stream& stream) const {
    const ConvolutionOperands<Element> direct{static_cast<const Element*>(operands.input), weights_.kernel<Element>(),
                                              weights_.epilogue(operation_.epilogue, operands.residuals),
                                              operands.output, static_cast<float*>(operands.workspace)};
    convolve(operation_, direct, runtime::cuda::queue_of(stream));
  }

  Lowered operation_;
  DeviceWeights weights_;
};

template <class Operation>
bool supports(const Operation& operation) {
  return direct_supports(lower(operation));
}

template <class Operation>
double cost(const Operation& operation) {
  return direct_cost(lower(operation));
}

template <class Operation>
std::unique_ptr<runtime::Step> make(const Operation& operation, const ConvolutionWeights& weights) {
  return std::make_unique<DirectStep>(lower(operation), weights, kernel_strides(operation));
}

template <class Operation>
constexpr Variant<Operation, ConvolutionWeights> variant{"direct", supports<Operation>, cost<Operation>,
                                                         make<Operation>};

}  // namespace

std::span<const ConvolutionVariant> direct_convolutions() { return {&variant<Convolution>, 1}; }

std::span<const DeconvolutionVariant> direct_deconvolutions() { return {&variant<Deconvolution>, 1}; }

}  // namespace pleura::kernels::cuda
