#include "kernels/reference/backend.hpp"
#include "kernels/reference/epilogue.hpp"
#include "runtime/float16.hpp"
#include "runtime/parallel.hpp"

namespace pleura::kernels::reference {
namespace {

class DeconvolutionStep final : public WeightedStep {
 public:
  explicit DeconvolutionStep(const Deconvolution& operation)
      : op_(operation), parts_(kernel_bytes(operation), operation.output.shape.c, operation.epilogue) {}

  PackedForm form() const override { return {std::string("reference ") + name_of(op_.input.dtype), parts_.bytes()}; }

  void pack(const ConvolutionWeights& weights, std::byte* to) const override {
    parts_.pack_epilogue(weights, to);
    const std::int64_t out = op_.output.shape.c, in = op_.input.shape.c;
    const std::int64_t taps = op_.stride[0] * op_.stride[1] * op_.stride[2];
    auto* kernel = reinterpret_cast<float*>(to);
    // IODHW to DHWIO, rounded to the type that the input has.
    for (std::int64_t i = 0; i < in; ++i)
      for (std::int64_t o = 0; o < out; ++o)
        for (std::int64_t k = 0; k < taps; ++k)
          kernel[(k * in + i) * out + o] = runtime::round_to(op_.input.dtype, weights.kernel[(i * out + o) * taps + k]);
  }

  void enqueue(const runtime::Operands& operands, const runtime::Stream& stream) const override {
    const EpilogueWeights epilogue = parts_.epilogue(operands.weights);
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
          const float* kernel = static_cast<const float*>(operands.weights) + (tap * in.c + i) * out.c;
          for (std::int64_t o = 0; o < out.c; ++o) sums[o] += value * kernel[o];
        }
        store(op_.epilogue, epilogue, op_.output, operands, row * out.w + x, sums);
      }
    });
  }

 private:
  static std::int64_t kernel_bytes(const Deconvolution& operation) {
    const std::int64_t taps = operation.stride[0] * operation.stride[1] * operation.stride[2];
    return taps * operation.input.shape.c * operation.output.shape.c * static_cast<std::int64_t>(sizeof(float));
  }

  Deconvolution op_;
  PackedParts parts_;  ///< the kernel is DHWIO, in fp32
};

}  // namespace

std::unique_ptr<WeightedStep> make_deconvolution(const Deconvolution& operation, const runtime::Device& /*device*/) {
  return std::make_unique<DeconvolutionStep>(operation);
}

}  // namespace pleura::kernels::reference
