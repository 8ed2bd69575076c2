#include <cmath>
#include <limits>

#include "kernels/reference/backend.hpp"
#include "runtime/float16.hpp"
#include "runtime/parallel.hpp"

namespace pleura::kernels::reference {
namespace {

class PoolingStep final : public runtime::Step {
 public:
  explicit PoolingStep(const Pooling& operation) : op_(operation) {}

  void enqueue(const runtime::Operands& operands, const runtime::Stream& stream) const override {
    const auto& out = op_.output.shape;
    parallel_for(out.n * out.d * out.h, stream.threads, [&](std::int64_t row) {
      const std::int64_t n = row / (out.d * out.h), z = row / out.h % out.d, y = row % out.h;
      for (std::int64_t x = 0; x < out.w; ++x)
        for (std::int64_t c = 0; c < out.c; ++c)
          runtime::store_element(op_.output.dtype, operands.output, (row * out.w + x) * op_.output.pitch + c,
                                 largest(operands.input, n, {z, y, x}, c));
    });
  }

 private:
  /// The largest input of a window, or NaN if there is one, as in PyTorch.
  float largest(const void* input, std::int64_t n, const Extent3& at, std::int64_t channel) const {
    const auto& in = op_.input.shape;
    const auto& k = op_.window;
    float result = -std::numeric_limits<float>::infinity();
    for (std::int64_t z = at[0] * k[0]; z < std::min(in.d, (at[0] + 1) * k[0]); ++z)
      for (std::int64_t y = at[1] * k[1]; y < std::min(in.h, (at[1] + 1) * k[1]); ++y)
        for (std::int64_t x = at[2] * k[2]; x < std::min(in.w, (at[2] + 1) * k[2]); ++x) {
          const std::int64_t voxel = ((n * in.d + z) * in.h + y) * in.w + x;
          const float value = runtime::load_element(op_.input.dtype, input, voxel * op_.input.pitch + channel);
          if (value > result || std::isnan(value)) result = value;
          if (std::isnan(value)) return value;
        }
    return result;
  }

  Pooling op_;
};

}  // namespace

std::unique_ptr<runtime::Step> make_pooling(const Pooling& operation, const runtime::Device& /*device*/) {
  return std::make_unique<PoolingStep>(operation);
}

}  // namespace pleura::kernels::reference
