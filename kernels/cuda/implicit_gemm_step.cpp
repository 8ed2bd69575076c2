// The matrix product as a step.
#include <array>

#include "kernels/cuda/implicit_gemm.hpp"
#include "runtime/cuda/device_memory.hpp"
#include "runtime/cuda/stream.hpp"

namespace pleura::kernels::cuda {
namespace {

using runtime::cuda::DeviceMemory;

template <class T>
DeviceMemory on_device(std::span<const T> values) {
  DeviceMemory memory(static_cast<std::int64_t>(values.size_bytes()));
  if (!values.empty()) runtime::cuda::upload(memory.data(), values.data(), memory.bytes());
  return memory;
}

class ImplicitGemmStep final : public runtime::Step {
 public:
  ImplicitGemmStep(const Lowered& problem, const GemmTiling& tiling, TensorCores cores,
                   const ConvolutionWeights& weights, const KernelStrides& strides)
      : problem_(problem),
        tiling_(tiling),
        cores_(cores),
        kernel_(on_device<__half>(pack_kernel(problem, tiling, weights.kernel, strides))),
        bias_(on_device(weights.bias)),
        slopes_{on_device(weights.slopes[0]), on_device(weights.slopes[1])} {}

  std::int64_t workspace_bytes() const override { return cuda::workspace_bytes(problem_, tiling_); }

  std::int64_t weight_bytes() const override {
    return kernel_.bytes() + bias_.bytes() + slopes_[0].bytes() + slopes_[1].bytes();
  }

  void enqueue(const runtime::Operands& operands, const runtime::Stream& stream) const override {
    const auto floats = [](const DeviceMemory& memory) { return reinterpret_cast<const float*>(memory.data()); };
    const EpilogueWeights weights{floats(bias_), {floats(slopes_[0]), floats(slopes_[1])}};
    multiply(problem_, tiling_, cores_,
             {static_cast<const __half*>(operands.input), reinterpret_cast<const __half*>(kernel_.data()),
              arguments_of(problem_.epilogue, weights, operands.residuals), operands.output,
              static_cast<float*>(operands.workspace)},
             runtime::cuda::queue_of(stream));
  }

 private:
  Lowered problem_;
  GemmTiling tiling_;
  TensorCores cores_;
  DeviceMemory kernel_, bias_;
  std::array<DeviceMemory, 2> slopes_;
};

}  // namespace

std::unique_ptr<runtime::Step> make_implicit_gemm(const Lowered& problem, const GemmTiling& tiling, TensorCores cores,
                                                  const ConvolutionWeights& weights, const KernelStrides& strides) {
  return std::make_unique<ImplicitGemmStep>(problem, tiling, cores, weights, strides);
}

}  // namespace pleura::kernels::cuda
