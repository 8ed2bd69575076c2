// The CUDA device as plans run on it.
#include "kernels/cuda/device.hpp"

#include <gmock/gmock.h>

#include "kernels/backend.hpp"
#include "kernels/cuda/conversion.hpp"
#include "pleura/error.hpp"
#include "random.hpp"
#include "runtime/cuda/stream.hpp"

namespace pleura::test {
namespace {

using kernels::Conversion;
using runtime::dense;
using runtime::DType;
using runtime::TensorView;

const runtime::Shape shape{2, 1, 3, 5, 7};

/// f32 to f16, or back.
class ConversionStep final : public runtime::Step {
 public:
  explicit ConversionStep(const Conversion& operation) : operation_(operation) {}
  void enqueue(const runtime::Operands& operands, const runtime::Stream& stream) const override {
    const cudaStream_t queue = runtime::cuda::queue_of(stream);
    if (operation_.output.dtype == DType::f16)
      kernels::cuda::convert(static_cast<const float*>(operands.input), static_cast<__half*>(operands.output),
                             operation_, queue);
    else
      kernels::cuda::convert(static_cast<const __half*>(operands.input), static_cast<float*>(operands.output),
                             operation_, queue);
  }

 private:
  Conversion operation_;
};

/// Rounds to fp16 and back.
runtime::Plan rounding_plan(runtime::Device& device) {
  const runtime::TensorDesc single = dense(DType::f32, shape), half = dense(DType::f16, shape);
  const std::int64_t room = (single.bytes() + 255) / 256 * 256;
  runtime::Plan plan{device.allocate(3 * room), {}, {}, {}, 0, {}};
  std::byte* const memory = plan.arena.data();
  const TensorView input{single, memory}, middle{half, memory + room}, output{single, memory + 2 * room};
  plan.invocations.push_back(
      {std::make_shared<ConversionStep>(Conversion{single, half}), {input.data, middle.data, {}, nullptr}, middle, 0});
  plan.invocations.push_back(
      {std::make_shared<ConversionStep>(Conversion{half, single}), {middle.data, output.data, {}, nullptr}, output, 1});
  plan.inputs = {input};
  plan.output = output;
  return plan;
}

/// Whole numbers, which fp16 holds.
std::vector<float> numbers(unsigned more = 0) {
  std::vector<float> values = Random().values(shape.elements(), 100, true);
  for (float& value : values) value += static_cast<float>(more);
  return values;
}

TEST(CudaDevice, RunsAPlanAgainAndAgain) {
  const auto device = kernels::cuda::open_device(1);
  runtime::Plan plan = rounding_plan(*device);
  for (unsigned run = 0; run < 3; ++run) {  // the first by itself, then as a graph
    const std::vector<float> values = numbers(run);
    std::vector<float> results(values.size());
    device->copy_in(values.data(), plan.inputs[0]);
    device->execute(plan);
    device->copy_out(plan.output, results.data());
    EXPECT_EQ(results, values) << run;
    EXPECT_TRUE(plan.recording);
  }
}

TEST(CudaDevice, ReportsStepsInOrderWithTheirTimes) {
  const auto device = kernels::cuda::open_device(1);
  runtime::Plan plan = rounding_plan(*device);
  const std::vector<float> values = numbers();
  device->copy_in(values.data(), plan.inputs[0]);
  std::vector<std::size_t> layers;
  device->execute(plan, [&](const runtime::Invocation& invocation, double seconds) {
    layers.push_back(invocation.layer);
    EXPECT_GE(seconds, 0);
    EXPECT_TRUE(device->all_finite(invocation.output));
  });
  EXPECT_THAT(layers, testing::ElementsAre(0u, 1u));
}

TEST(CudaDevice, FindsWhatIsNotFinite) {
  const auto device = kernels::cuda::open_device(1);
  runtime::Plan plan = rounding_plan(*device);
  std::vector<float> values = numbers();
  values[17] = 1e6f;  // too large for fp16
  device->copy_in(values.data(), plan.inputs[0]);
  std::vector<bool> finite;
  device->execute(plan, [&](const runtime::Invocation& invocation, double /*seconds*/) {
    finite.push_back(device->all_finite(invocation.output));
  });
  EXPECT_TRUE(device->all_finite(plan.inputs[0]));
  EXPECT_THAT(finite, testing::ElementsAre(false, false));
}

TEST(CudaDevice, CopiesGroupsOfChannelsInAndOut) {
  const auto device = kernels::cuda::open_device(1);
  for (const DType type : {DType::f32, DType::f16}) {
    // The second of two groups of 7 channels.
    const runtime::Arena arena = device->allocate(2 * dense(type, shape).bytes());
    const TensorView first{{type, shape, 14}, arena.data()},
        second{{type, shape, 14}, arena.data() + 7 * runtime::size_of(type)};
    const std::vector<float> a = numbers(0), b = numbers(1);
    device->copy_in(a.data(), first);
    device->copy_in(b.data(), second);
    std::vector<float> results(a.size());
    device->copy_out(first, results.data());
    EXPECT_EQ(results, a);
    device->copy_out(second, results.data());
    EXPECT_EQ(results, b);
  }
}

TEST(CudaDevice, NamesTheBytesThatItLacks) {
  const auto device = kernels::cuda::open_device(1);
  const std::int64_t too_many = 2 * device->available_bytes();
  EXPECT_GT(too_many, 0);
  try {
    const runtime::Arena arena = device->allocate(too_many);
    FAIL() << "expected a refusal";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::resources);
    EXPECT_THAT(error.what(), testing::HasSubstr(std::to_string(too_many)));
  }
}

}  // namespace
}  // namespace pleura::test
