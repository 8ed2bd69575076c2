// Convolution and deconvolution on cuDNN; of the epilogue, what that leaves is done by a kernel of our own.
#include <algorithm>

#include "kernels/cuda/network/epilogue.hpp"
#include "kernels/cuda/variants.hpp"
#include "kernels/vendor/cudnn_device.hpp"
#include "runtime/cuda/stream.hpp"
#include "runtime/float16.hpp"
#include "runtime/round_up.hpp"

namespace pleura::kernels::cuda {
namespace {

using runtime::DType;
using vendor::cudnn_layer;
using vendor::CudnnDevice;
using vendor::CudnnPlan;

/// As cudaMalloc aligns what cuDNN is given elsewhere; a plan's workspaces lie at multiples of 64.
constexpr std::int64_t workspace_alignment = 256;

class CudnnStep final : public WeightedStep {
 public:
  CudnnStep(const CudnnDevice& device, std::shared_ptr<const CudnnPlan> plan, vendor::CudnnLayer layer,
            const Lowered& operation, const KernelStrides& strides)
      : device_(device),
        plan_(std::move(plan)),
        layer_(std::move(layer)),
        operation_(operation),
        strides_(strides),
        parts_(layer_.kernel_desc().bytes(), operation.output.shape.c, operation.epilogue) {}

  std::int64_t workspace_bytes() const override {
    return plan_->workspace_bytes == 0 ? 0 : plan_->workspace_bytes + workspace_alignment - 1;
  }

  PackedForm form() const override { return {std::string("cuDNN ") + name_of(layer_.input.dtype), parts_.bytes()}; }

  void pack(const ConvolutionWeights& weights, std::byte* to) const override {
    parts_.pack_epilogue(weights, to);
    if (layer_.input.dtype == DType::f32)
      pack_kernel(weights.kernel, [at = reinterpret_cast<float*>(to)](float value) mutable { *at++ = value; });
    else
      pack_kernel(weights.kernel, [at = reinterpret_cast<std::uint16_t*>(to)](float value) mutable {
        *at++ = runtime::float_to_fp16(value);
      });
  }

  void enqueue(const runtime::Operands& operands, const runtime::Stream& stream) const override {
    require_alignment(layer_.input, operands.input);
    require_alignment(layer_.output, operands.output);
    const cudaStream_t queue = runtime::cuda::queue_of(stream);
    const EpilogueWeights weights = parts_.epilogue(operands.weights);
    vendor::CudnnOperands run{
        operands.input, operands.weights, operands.output, aligned(operands.workspace), weights.bias, {}};
    if (plan_->is_fused() && operation_.epilogue.stages[0].residual) {
      run.residual = operands.residuals[0];
      require_alignment(*operation_.epilogue.stages[0].residual, run.residual);
    }
    device_.execute(*plan_, run, queue);
    if (plan_->is_fused()) return;
    if (layer_.input.dtype == DType::f32)
      finish<float>(operands, weights, queue);
    else
      finish<__half>(operands, weights, queue);
  }

 private:
  /// The elements of the kernel in cuDNN's order.
  template <class Put>
  void pack_kernel(std::span<const float> kernel, Put put) const {
    const auto [outer, d, h, w, inner] = layer_.kernel_desc().shape;
    const std::int64_t of_outer = layer_.transposed ? strides_.input : strides_.output;
    const std::int64_t of_inner = layer_.transposed ? strides_.output : strides_.input;
    const std::int64_t of_tap = layer_.transposed ? strides_.phase : strides_.tap;
    for (std::int64_t i = 0; i < outer; ++i)
      for (std::int64_t tap = 0; tap < d * h * w; ++tap)
        for (std::int64_t j = 0; j < inner; ++j)
          put(kernel[static_cast<std::size_t>(i * of_outer + tap * of_tap + j * of_inner)]);
  }

  template <class Element>
  void finish(const runtime::Operands& operands, const EpilogueWeights& weights, cudaStream_t queue) const {
    ConvolutionOperands<Element> rest;
    rest.epilogue = arguments_of(operation_.epilogue, weights, operands.residuals);
    rest.output = operands.output;
    finish_outputs(operation_, rest, queue);
  }

  static void* aligned(void* workspace) {
    const auto address = static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(workspace));
    return static_cast<std::byte*>(workspace) + (runtime::round_up(address, workspace_alignment) - address);
  }

  /// Throws Error(internal): cuDNN was told where tensors may lie.
  void require_alignment(const runtime::TensorDesc& desc, const void* data) const {
    const std::int64_t alignment = vendor::cudnn_alignment(desc);
    if (reinterpret_cast<std::uintptr_t>(data) % static_cast<std::uintptr_t>(alignment) != 0)
      throw Error(Status::internal,
                  to_string(desc) + " on cuDNN: expected memory aligned to " + std::to_string(alignment) + " bytes");
  }

  const CudnnDevice& device_;
  std::shared_ptr<const CudnnPlan> plan_;
  vendor::CudnnLayer layer_;
  Lowered operation_;
  KernelStrides strides_;
  PackedParts parts_;
};

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
  const CudnnDevice& cudnn = CudnnDevice::of(device);
  return cudnn.why().empty() && cudnn.plan(cudnn_layer(operation), operation.epilogue);
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
  const CudnnDevice& cudnn = CudnnDevice::of(device);
  const vendor::CudnnLayer layer = cudnn_layer(operation);
  return std::make_unique<CudnnStep>(cudnn, cudnn.plan(layer, operation.epilogue), layer, lower(operation),
                                     kernel_strides(operation));
}

template <class Operation>
constexpr Variant<Operation, WeightedStep> variant{"cudnn", supports<Operation>, cost<Operation>, make<Operation>, true,
                                                   true};

}  // namespace

std::span<const ConvolutionVariant> cudnn_convolutions() { return {&variant<Convolution>, 1}; }

std::span<const DeconvolutionVariant> cudnn_deconvolutions() { return {&variant<Deconvolution>, 1}; }

std::string why_no_cudnn(const runtime::Device& device) { return CudnnDevice::of(device).why(); }

}  // namespace pleura::kernels::cuda
