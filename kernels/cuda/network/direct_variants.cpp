// Variants of convolution and deconvolution without tensor cores.
#include "kernels/cuda/network/direct_convolution.hpp"
#include "kernels/cuda/variants.hpp"
#include "runtime/cuda/stream.hpp"

namespace pleura::kernels::cuda {
namespace {

class DirectStep final : public WeightedStep {
 public:
  DirectStep(const Lowered& operation, const DirectTiling& tiling, const KernelStrides& strides)
      : operation_(operation),
        tiling_(tiling),
        strides_(strides),
        offset_(direct_kernel_offset(operation)),
        parts_(direct_kernel_bytes(operation), operation.output.shape.c, operation.epilogue) {}

  std::int64_t workspace_bytes() const override { return direct_workspace_bytes(operation_, tiling_); }
  PackedForm form() const override { return {direct_kernel_form(operation_), parts_.bytes()}; }

  void pack(const ConvolutionWeights& weights, std::byte* to) const override {
    parts_.pack_epilogue(weights, to);
    pack_direct_kernel(operation_, weights.kernel, strides_, to);
  }

  void enqueue(const runtime::Operands& operands, const runtime::Stream& stream) const override {
    if (operation_.input.dtype == runtime::DType::f32)
      run<float>(operands, stream);
    else
      run<__half>(operands, stream);
  }

 private:
  template <class Element>
  void run(const runtime::Operands& operands, const runtime::Stream& stream) const {
    const ConvolutionOperands<Element> direct{
        static_cast<const Element*>(operands.input),
        reinterpret_cast<const Element*>(static_cast<const std::byte*>(operands.weights) + offset_),
        arguments_of(operation_.epilogue, parts_.epilogue(operands.weights), operands.residuals), operands.output,
        static_cast<float*>(operands.workspace)};
    convolve(operation_, tiling_, direct, runtime::cuda::queue_of(stream));
  }

  Lowered operation_;
  DirectTiling tiling_;
  KernelStrides strides_;
  std::int64_t offset_;  ///< bytes to the kernel of its tiles
  PackedParts parts_;
};

template <class Operation>
bool supports(const Operation& operation, const runtime::Device& /*device*/) {
  return direct_supports(lower(operation));
}

template <class Operation>
double cost(const Operation& operation, const runtime::Device& /*device*/) {
  return direct_cost(lower(operation));
}

template <class Operation>
std::unique_ptr<WeightedStep> make(const Operation& operation, const runtime::Device& device) {
  const Lowered lowered = lower(operation);
  return std::make_unique<DirectStep>(lowered, direct_tiling(lowered, device.properties().multiprocessors),
                                      kernel_strides(operation));
}

template <class Operation>
constexpr Variant<Operation, WeightedStep> variant{"direct", supports<Operation>, cost<Operation>, make<Operation>};

}  // namespace

std::span<const ConvolutionVariant> direct_convolutions() { return {&variant<Convolution>, 1}; }

std::span<const DeconvolutionVariant> direct_deconvolutions() { return {&variant<Deconvolution>, 1}; }

}  // namespace pleura::kernels::cuda
