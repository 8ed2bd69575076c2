// The matrix product as a step.
#include "kernels/cuda/device_weights.hpp"
#include "kernels/cuda/implicit_gemm.hpp"
#include "runtime/cuda/stream.hpp"

namespace pleura::kernels::cuda {
namespace {

class ImplicitGemmStep final : public runtime::Step {
 public:
  ImplicitGemmStep(const Lowered& problem, const GemmTiling& tiling, TensorCores cores,
                   const ConvolutionWeights& weights, const KernelStrides& strides)
      : problem_(problem),
        tiling_(tiling),
        cores_(cores),
        weights_(on_device<__half>(pack_kernel(problem, tiling, weights.kernel, strides)), weights) {}

  std::int64_t workspace_bytes() const override { return cuda::workspace_bytes(problem_, tiling_); }

  std::int64_t weight_bytes() const override { return weights_.bytes(); }

  void enqueue(const runtime::Operands& operands, const runtime::Stream& stream) const override {
    multiply(problem_, tiling_, cores_,
             {static_cast<const __half*>(operands.input), weights_.kernel<__half>(),
              weights_.epilogue(problem_.epilogue, operands.residuals), operands.output,
              static_cast<float*>(operands.workspace)},
             runtime::cuda::queue_of(stream));
  }

 private:
  Lowered problem_;
  GemmTiling tiling_;
  TensorCores cores_;
  DeviceWeights weights_;
};

}  // namespace

std::unique_ptr<runtime::Step> make_implicit_gemm(const Lowered& problem, const GemmTiling& tiling, TensorCores cores,
                                                  const ConvolutionWeights& weights, const KernelStrides& strides) {
  return std::make_unique<ImplicitGemmStep>(problem, tiling, cores, weights, strides);
}

}  // namespace pleura::kernels::cuda
