// The CUDA device as plans run on it.
#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>

#include "kernels/cuda/network/conversion.hpp"
#include "kernels/random.hpp"
#include "kernels/transfer.hpp"
#include "pleura/error.hpp"

namespace pleura::test {
namespace {

using kernels::Conversion;
using runtime::dense;
using runtime::DType;
using runtime::TensorView;

const runtime::Shape pairs_shape{2, 1, 3, 5, 7};

class ConversionStep final : public runtime::Step {
 public:
  explicit ConversionStep(const Conversion& operation) : operation_(operation) {}
  void enqueue(const runtime::Operands& operands, const runtime::Stream& stream) const override {
    kernels::cuda::convert(operands.input, operands.output, operation_, stream);
  }

 private:
  Conversion operation_;
};

/// Rounds to fp16 and back.
runtime::Plan rounding_plan(runtime::Device& device) {
  const runtime::TensorDesc single = dense(DType::f32, pairs_shape), half = dense(DType::f16, pairs_shape);
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
  std::vector<float> values = Random().values(pairs_shape.elements(), 100, true);
  for (float& value : values) value += static_cast<float>(more);
  return values;
}

TEST(CudaDevice, RunsAPlanAgainAndAgain) {
  const kernels::OpenDevice cuda = kernels::open_device("cuda", 1);
  runtime::Device& device = *cuda.device;
  runtime::Plan plan = rounding_plan(device);
  for (unsigned run = 0; run < 3; ++run) {  // the first by itself, then as a graph
    const std::vector<float> values = numbers(run);
    std::vector<float> results(values.size());
    copy_in(cuda, values.data(), plan.inputs[0]);
    device.execute(plan);
    copy_out(cuda, plan.output, results.data());
    EXPECT_EQ(results, values) << run;
    EXPECT_EQ(plan.recording != nullptr, run > 0);
  }
}

TEST(CudaDevice, ReportsStepsInOrderWithTheirTimes) {
  const kernels::OpenDevice cuda = kernels::open_device("cuda", 1);
  runtime::Device& device = *cuda.device;
  runtime::Plan plan = rounding_plan(device);
  const std::vector<float> values = numbers();
  copy_in(cuda, values.data(), plan.inputs[0]);
  std::vector<std::size_t> layers;
  device.execute(plan, [&](const runtime::Invocation& invocation, double seconds) {
    layers.push_back(invocation.layer);
    EXPECT_GE(seconds, 0);
    EXPECT_TRUE(all_finite(cuda, invocation.output));
  });
  EXPECT_THAT(layers, testing::ElementsAre(0u, 1u));
}

/// Whose buffers serve again while what was in them is still to be sent: the emulator ends the process where one is
/// filled too early.
TEST(CudaDevice, UploadsThroughItsBuffers) {
  const kernels::OpenDevice cuda = kernels::open_device("cuda", 1);
  runtime::Device& device = *cuda.device;
  constexpr std::int64_t count = (9 << 20) / sizeof(std::uint32_t) + 3;  // more than two of them
  const auto bytes = count * static_cast<std::int64_t>(sizeof(std::uint32_t));
  const runtime::Arena memory = device.allocate(bytes);
  std::vector<std::uint32_t> values(count), back(count);
  for (std::uint32_t run = 0; run < 2; ++run) {
    std::iota(values.begin(), values.end(), run);
    device.upload(memory.data(), values.data(), bytes);
    std::ranges::fill(values, 0);  // of no more use
    device.download(back.data(), memory.data(), bytes);
    std::iota(values.begin(), values.end(), run);
    EXPECT_TRUE(back == values);
  }
  device.upload(memory.data(), values.data(), bytes);  // on its way as the device ends
}

TEST(CudaDevice, FindsWhatIsNotFinite) {
  const kernels::OpenDevice cuda = kernels::open_device("cuda", 1);
  runtime::Device& device = *cuda.device;
  runtime::Plan plan = rounding_plan(device);
  std::vector<float> values = numbers();
  values[17] = 1e6f;  // too large for fp16
  copy_in(cuda, values.data(), plan.inputs[0]);
  std::vector<bool> finite;
  device.execute(plan, [&](const runtime::Invocation& invocation, double /*seconds*/) {
    finite.push_back(all_finite(cuda, invocation.output));
  });
  EXPECT_TRUE(all_finite(cuda, plan.inputs[0]));
  EXPECT_THAT(finite, testing::ElementsAre(false, false));
}

TEST(CudaDevice, CopiesGroupsOfChannelsInAndOut) {
  const kernels::OpenDevice cuda = kernels::open_device("cuda", 1);
  runtime::Device& device = *cuda.device;
  for (const DType type : {DType::f32, DType::f16}) {
    // The second of two groups of 7 channels.
    const runtime::Arena arena = device.allocate(2 * dense(type, pairs_shape).bytes());
    const TensorView first{{type, pairs_shape, 14}, arena.data()},
        second{{type, pairs_shape, 14}, arena.data() + 7 * runtime::size_of(type)};
    const std::vector<float> a = numbers(0), b = numbers(1);
    copy_in(cuda, a.data(), first);
    copy_in(cuda, b.data(), second);
    std::vector<float> results(a.size());
    copy_out(cuda, first, results.data());
    EXPECT_EQ(results, a);
    copy_out(cuda, second, results.data());
    EXPECT_EQ(results, b);
  }
}

TEST(CudaDevice, SaysWhatItIs) {
  const kernels::OpenDevice cuda = kernels::open_device("cuda:0", 1);
  EXPECT_EQ(cuda.device->name(), "cuda:0");
  const runtime::DeviceProperties& properties = cuda.device->properties();
  EXPECT_FALSE(properties.model.empty());
  EXPECT_GT(properties.memory_bytes, 0);
  EXPECT_GT(properties.multiprocessors, 0);
  EXPECT_GE(properties.major, 5);
  EXPECT_FALSE(cuda.device->is_host());
}

TEST(CudaDevice, CopiesBytesThereAndBack) {
  const kernels::OpenDevice cuda = kernels::open_device("cuda", 1);
  const std::vector<std::int16_t> there{-1024, 0, 3071};
  const runtime::Arena memory = cuda.device->allocate(6);
  cuda.device->upload(memory.data(), there.data(), 6);
  std::vector<std::int16_t> back(3);
  cuda.device->download(back.data(), memory.data(), 6);
  EXPECT_EQ(back, there);
}

TEST(CudaDevice, NamesTheBytesThatItLacks) {
  const kernels::OpenDevice cuda = kernels::open_device("cuda", 1);
  runtime::Device& device = *cuda.device;
  const std::int64_t too_many = 2 * device.available_bytes();
  EXPECT_GT(too_many, 0);
  try {
    const runtime::Arena arena = device.allocate(too_many);
    FAIL() << "expected a refusal";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::resources);
    EXPECT_THAT(error.what(), testing::HasSubstr(std::to_string(too_many)));
  }
}

}  // namespace
}  // namespace pleura::test
