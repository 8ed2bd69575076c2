// Max-pooling of f32 and bf16: bound by memory, so written for whatever the build targets.
#include <algorithm>

#include "kernels/cpu/variants.hpp"
#include "runtime/float16.hpp"
#include "runtime/parallel.hpp"

namespace pleura::kernels::cpu {
namespace {

using runtime::DType;

bool supports(const Pooling& operation, const runtime::Device& /*device*/) {
  return operation.input.dtype == DType::f32 || operation.input.dtype == DType::bf16;
}

double cost(const Pooling& operation, const runtime::Device& /*device*/) {
  return static_cast<double>(operation.input.shape.elements());
}

/// NaN wins, as in the reference.
float larger(float a, float b) { return b > a || b != b ? b : a; }
std::uint16_t larger(std::uint16_t a, std::uint16_t b) {
  const float x = runtime::bf16_to_float(a), y = runtime::bf16_to_float(b);
  return y > x || y != y ? b : a;
}

class PoolingStep final : public runtime::Step {
 public:
  explicit PoolingStep(const Pooling& operation) : op_(operation) {}

  void enqueue(const runtime::Operands& operands, const runtime::Stream& stream) const override {
    const auto& out = op_.output.shape;
    parallel_for(out.n * out.d * out.h, stream.threads, [&](std::int64_t row) {
      if (op_.input.dtype == DType::f32)
        pool_row(static_cast<const float*>(operands.input), static_cast<float*>(operands.output), row);
      else
        pool_row(static_cast<const std::uint16_t*>(operands.input), static_cast<std::uint16_t*>(operands.output), row);
    });
  }

 private:
  template <class Element>
  void pool_row(const Element* input, Element* output, std::int64_t row) const {
    const auto& in = op_.input.shape;
    const auto& out = op_.output.shape;
    const std::int64_t n = row / (out.d * out.h), z = row / out.h % out.d, y = row % out.h;
    for (std::int64_t x = 0; x < out.w; ++x) {
      Element* to = output + (row * out.w + x) * op_.output.pitch;
      bool first = true;
      for (std::int64_t d = z * op_.window[0]; d < std::min(in.d, (z + 1) * op_.window[0]); ++d)
        for (std::int64_t h = y * op_.window[1]; h < std::min(in.h, (y + 1) * op_.window[1]); ++h)
          for (std::int64_t w = x * op_.window[2]; w < std::min(in.w, (x + 1) * op_.window[2]); ++w) {
            const Element* from = input + (((n * in.d + d) * in.h + h) * in.w + w) * op_.input.pitch;
            if (first)
              std::copy_n(from, in.c, to);
            else
              for (std::int64_t c = 0; c < in.c; ++c) to[c] = larger(to[c], from[c]);
            first = false;
          }
    }
  }

  Pooling op_;
};

std::unique_ptr<runtime::Step> make(const Pooling& operation, const runtime::Device& /*device*/) {
  return std::make_unique<PoolingStep>(operation);
}

}  // namespace

std::span<const PoolingVariant> pooling_variants() {
  static constexpr std::array variants{PoolingVariant{"native", supports, cost, make}};
  return variants;
}

}  // namespace pleura::kernels::cpu
