// Max-pooling as a variant.
#include <array>

#include "kernels/cuda/network/pooling.hpp"
#include "kernels/cuda/variants.hpp"
#include "runtime/cuda/stream.hpp"

namespace pleura::kernels::cuda {
namespace {

using runtime::DType;

bool supports(const Pooling& operation, const runtime::Device& /*device*/) {
  return operation.input.dtype == DType::f32 || operation.input.dtype == DType::f16;
}

double cost(const Pooling& operation, const runtime::Device& /*device*/) {
  return static_cast<double>(operation.input.shape.elements());
}

class PoolingStep final : public runtime::Step {
 public:
  explicit PoolingStep(const Pooling& operation) : operation_(operation) {}

  void enqueue(const runtime::Operands& operands, const runtime::Stream& stream) const override {
    if (operation_.input.dtype == DType::f16)
      pool(static_cast<const __half*>(operands.input), static_cast<__half*>(operands.output), operation_,
           runtime::cuda::queue_of(stream));
    else
      pool(static_cast<const float*>(operands.input), static_cast<float*>(operands.output), operation_,
           runtime::cuda::queue_of(stream));
  }

 private:
  Pooling operation_;
};

std::unique_ptr<runtime::Step> make(const Pooling& operation, const runtime::Device& /*device*/) {
  return std::make_unique<PoolingStep>(operation);
}

constexpr std::array variants{PoolingVariant{"simt", supports, cost, make}};

}  // namespace

std::span<const PoolingVariant> pooling_variants() { return variants; }

}  // namespace pleura::kernels::cuda
