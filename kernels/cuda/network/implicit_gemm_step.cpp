// The matrix product as a step.
#include "kernels/cuda/network/implicit_gemm.hpp"
#include "runtime/cuda/stream.hpp"

namespace pleura::kernels::cuda {
namespace {

class ImplicitGemmStep final : public WeightedStep {
 public:
  ImplicitGemmStep(const Lowered& problem, const GemmTiling& tiling, TensorCores cores, const KernelStrides& strides)
      : problem_(problem),
        tiling_(tiling),
        cores_(cores),
        strides_(strides),
        parts_(packed_kernel_bytes(problem), problem.output.shape.c, problem.epilogue) {}

  std::int64_t workspace_bytes() const override { return cuda::workspace_bytes(problem_, tiling_); }
  PackedForm form() const override { return {"implicit GEMM", parts_.bytes()}; }

  void pack(const ConvolutionWeights& weights, std::byte* to) const override {
    parts_.pack_epilogue(weights, to);
    pack_kernel(problem_, weights.kernel, strides_, to);
  }

  void enqueue(const runtime::Operands& operands, const runtime::Stream& stream) const override {
    multiply(problem_, tiling_, cores_,
             {static_cast<const __half*>(operands.input), static_cast<const __half*>(operands.weights),
              arguments_of(problem_.epilogue, parts_.epilogue(operands.weights), operands.residuals), operands.output,
              static_cast<float*>(operands.workspace)},
             runtime::cuda::queue_of(stream));
  }

 private:
  Lowered problem_;
  GemmTiling tiling_;
  TensorCores cores_;
  KernelStrides strides_;
  PackedParts parts_;
};

}  // namespace

std::unique_ptr<WeightedStep> make_implicit_gemm(const Lowered& problem, const GemmTiling& tiling, TensorCores cores,
                                                 const KernelStrides& strides) {
  return std::make_unique<ImplicitGemmStep>(problem, tiling, cores, strides);
}

}  // namespace pleura::kernels::cuda
