// The epilogue as a kernel of its own against that of the reference: a convolution of one tap whose kernel is one.
#include "kernels/cuda/network/epilogue.hpp"

#include "convolution_checks.hpp"

namespace pleura::test {
namespace {

using kernels::cuda::arguments_of;
using kernels::cuda::ConvolutionOperands;

/// Leaves the input's values, as many channels as the output has, where the sums are expected, and finishes them.
class SumsStep final : public kernels::WeightedStep {
 public:
  explicit SumsStep(const Convolution& operation)
      : operation_(operation), parts_(0, operation.output.shape.c, operation.epilogue) {}

  [[nodiscard]] kernels::PackedForm form() const override { return {"epilogue", parts_.bytes()}; }
  void pack(const kernels::ConvolutionWeights& weights, std::byte* to) const override {
    parts_.pack_epilogue(weights, to);
  }

  void enqueue(const runtime::Operands& operands, const runtime::Stream& stream) const override {
    const TensorDesc &from = operation_.input, &to = operation_.output;
    const auto element = static_cast<std::size_t>(size_of(to.dtype));
    const cudaStream_t queue = runtime::cuda::queue_of(stream);
    ASSERT_EQ(cudaMemcpy2DAsync(operands.output, static_cast<std::size_t>(to.pitch) * element, operands.input,
                                static_cast<std::size_t>(from.pitch) * element,
                                static_cast<std::size_t>(to.shape.c) * element,
                                static_cast<std::size_t>(to.shape.voxels()), cudaMemcpyDeviceToDevice, queue),
              cudaSuccess);
    if (to.dtype == DType::f32)
      finish<float>(operands, queue);
    else
      finish<__half>(operands, queue);
  }

 private:
  using TensorDesc = runtime::TensorDesc;

  template <class Element>
  void finish(const runtime::Operands& operands, cudaStream_t queue) const {
    ConvolutionOperands<Element> rest;
    rest.epilogue = arguments_of(operation_.epilogue, parts_.epilogue(operands.weights), operands.residuals);
    rest.output = operands.output;
    finish_outputs(lower(operation_), rest, queue);
  }

  Convolution operation_;
  kernels::PackedParts parts_;
};

/// One for each channel to itself.
std::vector<float> identity(std::int64_t channels) {
  std::vector<float> kernel(static_cast<std::size_t>(channels * channels), 0);
  for (std::int64_t c = 0; c < channels; ++c) kernel[static_cast<std::size_t>(c * channels + c)] = 1;
  return kernel;
}

TEST(Epilogue, AgreesWithTheReference) {
  Random random;
  const auto cuda = kernels::open_device("cuda", 1);
  for (std::size_t i = 0; i < 40; ++i) {
    ConvolutionSpec spec;
    const std::array<std::int64_t, 7> channels{1, 3, 4, 8, 12, 16, 33};
    const std::int64_t count = channels[static_cast<std::size_t>(random(0, 6))];
    spec.input = {random(1, 2), random(1, 4), random(1, 9), random(1, 9), count};
    spec.outputs = count;
    spec.stages = random_stages(random, count);
    spec.beside = random(0, 1) * random(1, 9);
    const DType type = i % 2 == 0 ? DType::f32 : DType::f16;
    const Convolution operation = make_convolution(spec, type, type);
    SCOPED_TRACE(random.trace(to_string(operation)));
    OperationData data = make_data(operation, true);
    data.kernel = identity(count);
    const std::vector<float> expected = run_operation(naive_twin(operation), operation, data);
    const std::vector<float> found =
        run_on_device(pack(std::make_unique<SumsStep>(operation), data, *cuda.device), operation, data);
    if (keeps_whole_numbers(operation.epilogue)) {
      EXPECT_EQ(found, expected);
    }
    const Errors errors = errors_of<float>(found, expected, operation.output.shape);
    EXPECT_TRUE(errors.within(bound(type))) << errors;
  }
}

}  // namespace
}  // namespace pleura::test
