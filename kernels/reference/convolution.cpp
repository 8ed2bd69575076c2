#include "kernels/reference/backend.hpp"
#include "kernels/reference/epilogue.hpp"
#include "runtime/float16.hpp"
#include "runtime/parallel.hpp"

namespace pleura::kernels::reference {
namespace {

/// Kernel voxels within the input along one dimension: those of input index in [0, size).
struct Taps {
  std::int64_t begin, end, origin;  ///< tap k reads input index origin + k

  Taps(std::int64_t output, std::int64_t size, std::int64_t kernel, std::int64_t stride, std::int64_t pad)
      : begin(std::max<std::int64_t>(0, pad - output * stride)),
        end(std::min(kernel, size + pad - output * stride)),
        origin(output * stride - pad) {}
};

class ConvolutionStep final : public WeightedStep {
 public:
  explicit ConvolutionStep(const Convolution& operation)
      : op_(operation), parts_(kernel_bytes(operation), operation.output.shape.c, operation.epilogue) {}

  PackedForm form() const override { return {std::string("reference ") + name_of(op_.input.dtype), parts_.bytes()}; }

  void pack(const ConvolutionWeights& weights, std::byte* to) const override {
    parts_.pack_epilogue(weights, to);
    const std::int64_t out = op_.output.shape.c, in = op_.input.shape.c;
    const std::int64_t taps = op_.kernel[0] * op_.kernel[1] * op_.kernel[2];
    auto* kernel = reinterpret_cast<float*>(to);
    // OIDHW to DHWIO, rounded to the type that the input has.
    for (std::int64_t o = 0; o < out; ++o)
      for (std::int64_t i = 0; i < in; ++i)
        for (std::int64_t k = 0; k < taps; ++k)
          kernel[(k * in + i) * out + o] = runtime::round_to(op_.input.dtype, weights.kernel[(o * in + i) * taps + k]);
  }

  void enqueue(const runtime::Operands& operands, const runtime::Stream& stream) const override {
    const EpilogueWeights epilogue = parts_.epilogue(operands.weights);
    const auto& out = op_.output.shape;
    parallel_for(out.n * out.d * out.h, stream.threads, [&](std::int64_t row) {
      const std::int64_t n = row / (out.d * out.h), z = row / out.h % out.d, y = row % out.h;
      std::vector<double> sums(out.c);
      for (std::int64_t x = 0; x < out.w; ++x) {
        accumulate(operands, n, {z, y, x}, sums);
        store(op_.epilogue, epilogue, op_.output, operands, row * out.w + x, sums);
      }
    });
  }

 private:
  static std::int64_t kernel_bytes(const Convolution& operation) {
    const std::int64_t taps = operation.kernel[0] * operation.kernel[1] * operation.kernel[2];
    return taps * operation.input.shape.c * operation.output.shape.c * static_cast<std::int64_t>(sizeof(float));
  }

  void accumulate(const runtime::Operands& operands, std::int64_t n, const Extent3& at,
                  std::vector<double>& sums) const {
    const auto& in = op_.input.shape;
    const Taps d(at[0], in.d, op_.kernel[0], op_.stride[0], op_.pad_low[0]);
    const Taps h(at[1], in.h, op_.kernel[1], op_.stride[1], op_.pad_low[1]);
    const Taps w(at[2], in.w, op_.kernel[2], op_.stride[2], op_.pad_low[2]);
    const std::int64_t channels = op_.output.shape.c;
    std::fill(sums.begin(), sums.end(), 0.0);
    for (std::int64_t kd = d.begin; kd < d.end; ++kd)
      for (std::int64_t kh = h.begin; kh < h.end; ++kh)
        for (std::int64_t kw = w.begin; kw < w.end; ++kw) {
          const std::int64_t tap = (kd * op_.kernel[1] + kh) * op_.kernel[2] + kw;
          const std::int64_t voxel = ((n * in.d + d.origin + kd) * in.h + h.origin + kh) * in.w + w.origin + kw;
          for (std::int64_t i = 0; i < in.c; ++i) {
            const double value = runtime::load_element(op_.input.dtype, operands.input, voxel * op_.input.pitch + i);
            const float* kernel = static_cast<const float*>(operands.weights) + (tap * in.c + i) * channels;
            for (std::int64_t o = 0; o < channels; ++o) sums[o] += value * kernel[o];
          }
        }
  }

  Convolution op_;
  PackedParts parts_;  ///< the kernel is DHWIO, in fp32
};

}  // namespace

std::unique_ptr<WeightedStep> make_convolution(const Convolution& operation, const runtime::Device& /*device*/) {
  return std::make_unique<ConvolutionStep>(operation);
}

}  // namespace pleura::kernels::reference
