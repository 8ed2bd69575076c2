#pragma once
/// What the steps on NVIDIA's libraries have in common: a kernel that lies channels last, and what they leave of the
/// epilogue, which a kernel of our own does.
#include "kernels/cuda/network/lowering.hpp"
#include "kernels/packing.hpp"
#include "kernels/vendor/device_libraries.hpp"
#include "runtime/cuda/stream.hpp"

namespace pleura::kernels::cuda {

/// For layers whose tensors have one type each: residuals are of the output's.
class VendorStep : public WeightedStep {
 public:
  std::int64_t workspace_bytes() const final;
  PackedForm form() const final;
  void pack(const ConvolutionWeights& weights, std::byte* to) const final;

 protected:
  /// `kernel`: the kernel's channels and taps, as if it were a tensor, in the input's type; its n are the output
  /// channels, or the input channels where it is `transposed`. `workspace_bytes`: what the library asks for.
  VendorStep(const Lowered& operation, const KernelStrides& strides, const runtime::TensorDesc& kernel, bool transposed,
             std::int64_t workspace_bytes);

  [[nodiscard]] const Lowered& operation() const { return operation_; }
  [[nodiscard]] EpilogueWeights epilogue_weights(const runtime::Operands& operands) const {
    return parts_.epilogue(operands.weights);
  }
  /// Where the library may work.
  [[nodiscard]] static void* workspace(const runtime::Operands& operands);

  /// Throws Error(internal) where a tensor does not lie as the library was told; the residual, too, where it is
  /// `fused`.
  void require_alignment(const runtime::Operands& operands, bool fused) const;

  /// Turns sums in the output into outputs.
  void finish(const runtime::Operands& operands, cudaStream_t queue) const;

 private:
  Lowered operation_;
  KernelStrides strides_;
  runtime::TensorDesc kernel_;
  bool transposed_;
  PackedParts parts_;
  std::int64_t workspace_bytes_;
};

/// A layer by a plan of one of the libraries.
template <class Plan>
class PlannedStep final : public VendorStep {
 public:
  /// As VendorStep; the device outlives it.
  PlannedStep(const vendor::DeviceLibraries& libraries, std::shared_ptr<const Plan> plan, const Lowered& operation,
              const KernelStrides& strides, const runtime::TensorDesc& kernel, bool transposed = false)
      : VendorStep(operation, strides, kernel, transposed, plan->workspace_bytes()),
        libraries_(libraries),
        plan_(std::move(plan)) {}

  void enqueue(const runtime::Operands& operands, const runtime::Stream& stream) const override {
    const bool fused = plan_->is_fused();
    require_alignment(operands, fused);
    const cudaStream_t queue = runtime::cuda::queue_of(stream);
    const bool adds = fused && operation().epilogue.stages[0].residual;
    libraries_.execute(*plan_,
                       {operands.input, operands.weights, operands.output, workspace(operands),
                        epilogue_weights(operands).bias, adds ? operands.residuals[0] : nullptr},
                       queue);
    if (!fused) finish(operands, queue);
  }

 private:
  const vendor::DeviceLibraries& libraries_;
  std::shared_ptr<const Plan> plan_;
};

}  // namespace pleura::kernels::cuda
