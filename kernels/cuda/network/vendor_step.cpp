#include "kernels/cuda/network/vendor_step.hpp"

#include "kernels/cuda/network/epilogue.hpp"
#include "kernels/vendor/fused_epilogue.hpp"
#include "pleura/error.hpp"
#include "runtime/float16.hpp"
#include "runtime/round_up.hpp"

namespace pleura::kernels::cuda {
namespace {

using runtime::DType;

/// As cudaMalloc aligns what a library is given elsewhere; a plan's workspaces lie at multiples of 64.
constexpr std::int64_t workspace_alignment = 256;

void require_aligned(const runtime::TensorDesc& desc, const void* data) {
  const std::int64_t alignment = vendor::alignment_of(desc);
  if (reinterpret_cast<std::uintptr_t>(data) % static_cast<std::uintptr_t>(alignment) != 0)
    throw Error(Status::internal, to_string(desc) + " on a library of NVIDIA's: expected memory aligned to " +
                                      std::to_string(alignment) + " bytes");
}

}  // namespace

VendorStep::VendorStep(const Lowered& operation, const KernelStrides& strides, const runtime::TensorDesc& kernel,
                       bool transposed, std::int64_t workspace_bytes)
    : operation_(operation),
      strides_(strides),
      kernel_(kernel),
      transposed_(transposed),
      parts_(kernel.bytes(), operation.output.shape.c, operation.epilogue),
      workspace_bytes_(workspace_bytes) {}

std::int64_t VendorStep::workspace_bytes() const {
  return workspace_bytes_ == 0 ? 0 : workspace_bytes_ + workspace_alignment - 1;
}

PackedForm VendorStep::form() const { return {std::string("channels last ") + name_of(kernel_.dtype), parts_.bytes()}; }

void VendorStep::pack(const ConvolutionWeights& weights, std::byte* to) const {
  parts_.pack_epilogue(weights, to);
  const auto [outer, d, h, w, inner] = kernel_.shape;
  const std::int64_t of_outer = transposed_ ? strides_.input : strides_.output;
  const std::int64_t of_inner = transposed_ ? strides_.output : strides_.input;
  const std::int64_t of_tap = transposed_ ? strides_.phase : strides_.tap;
  const auto each = [&, outer = outer, taps = d * h * w, inner = inner](auto put) {
    for (std::int64_t i = 0; i < outer; ++i)
      for (std::int64_t tap = 0; tap < taps; ++tap)
        for (std::int64_t j = 0; j < inner; ++j)
          put(weights.kernel[static_cast<std::size_t>(i * of_outer + tap * of_tap + j * of_inner)]);
  };
  if (kernel_.dtype == DType::f32)
    each([at = reinterpret_cast<float*>(to)](float value) mutable { *at++ = value; });
  else
    each([at = reinterpret_cast<std::uint16_t*>(to)](float value) mutable { *at++ = runtime::float_to_fp16(value); });
}

void* VendorStep::workspace(const runtime::Operands& operands) {
  const auto address = static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(operands.workspace));
  return static_cast<std::byte*>(operands.workspace) + (runtime::round_up(address, workspace_alignment) - address);
}

void VendorStep::require_alignment(const runtime::Operands& operands, bool fused) const {
  require_aligned(operation_.input, operands.input);
  require_aligned(operation_.output, operands.output);
  const auto& residual = operation_.epilogue.stages[0].residual;
  if (fused && residual) require_aligned(*residual, operands.residuals[0]);
}

void VendorStep::finish(const runtime::Operands& operands, cudaStream_t queue) const {
  const auto run = [&](auto rest) {
    rest.epilogue = arguments_of(operation_.epilogue, epilogue_weights(operands), operands.residuals);
    rest.output = operands.output;
    finish_outputs(operation_, rest, queue);
  };
  if (operation_.output.dtype == DType::f32)
    run(ConvolutionOperands<float>{});
  else
    run(ConvolutionOperands<__half>{});
}

}  // namespace pleura::kernels::cuda
