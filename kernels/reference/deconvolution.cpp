#include "kernels/reference/backend.hpp"
#include "kernels/reference/epilogue.hpp"
#include "runtime/float16.hpp"
#include "runtime/parallel.hpp"

namespace pleura::kernels::reference {
namespace {

class DeconvolutionStep final : public runtime::Step {
 public:
  DeconvolutionStep(const Deconvolution& operation, const DeconvolutionWeights& weights)
      : op_(operation), epilogue_(weights), kernel_(weights.kernel.size()) {
    // IODHW to DHWIO, rounded to the type that the input has.
    const std::int64_t out = op_.output.shape.c, in = op_.input.shape.c;
    const std::int64_t taps = op_.stride[0] * op_.stride[1] * op_.stride[2];
    for (std::int64_t i = 0; i < in; ++i)
      for (std::int64_t o = 0; o < out; ++o)
        for (std::int64_t k = 0; k < taps; ++k)
          kernel_[(k * in + i) * out + o] =
              runtime::round_to(op_.input.dtype, weights.kernel[(i * out + o) * taps + k]);
  }

  std::int64_t weight_bytes() const override {
    return static_cast<std::int64_t>(kernel_.size() * sizeof(float)) + epilogue_.bytes();
  }

  void enqueue(const runtime::Operands& operands, const runtime::Stream& stream) const override {
    const auto &in = op_.input.shape, &out = op_.output.shape;
    const Extent3& s = op_.stride;
    parallel_for(out.n * out.d * out.h, stream.threads, [&](std::int64_t row) {
      const std::int64_t n = row / (out.d * out.h), z = row / out.h % out.d, y = row % out.h;
      std::vector<double> sums(out.c);
      for (std::int64_t x = 0; x < out.w; ++x) {
        const std::int64_t voxel = ((n * in.d + z / s[0]) * in.h + y / s[1]) * in.w + x / s[2];
        const std::int64_t tap = (z % s[0] * s[1] + y % s[1]) * s[2] + x % s[2];
        std::fill(sums.begin(), sums.end(), 0.0);
        for (std::int64_t i = 0; i < in.c; ++i) {
          const double value = runtime::load_element(op_.input.dtype, operands.input, voxel * op_.input.pitch + i);
          const float* kernel = &kernel_[(tap * in.c + i) * out.c];
          for (std::int64_t o = 0; o < out.c; ++o) sums[o] += value * kernel[o];
        }
        epilogue_.store(op_.epilogue, op_.output, operands, row * out.w + x, sums);
      }
    });
  }

 private:
  Deconvolution op_;
  EpilogueWeights epilogue_;
  std::vector<float> kernel_;  ///< DHWIO
};

}  // namespace

std::unique_ptr<runtime::Step> make_deconvolution(const Deconvolution& operation, const DeconvolutionWeights& weights) {
  return std::make_unique<DeconvolutionStep>(operation, weights);
}

}  // namespace pleura::kernels::reference
