// Devices by their names, and values on their way there and back.
#include <gmock/gmock.h>

#include <limits>

#include "counter_random.hpp"
#include "kernels/transfer.hpp"
#include "pleura/error.hpp"

namespace pleura::test {
namespace {

using kernels::open_device;
using kernels::OpenDevice;
using runtime::DType;
using runtime::TensorView;

TEST(Devices, AreOpenedByTheirNames) {
  for (const char* const name : {"cpu", "reference"}) {
    const OpenDevice device = open_device(name, 3);
    EXPECT_STREQ(device.backend.name, name);
    EXPECT_EQ(device.device->name(), name);
    EXPECT_TRUE(device.device->is_host());
    EXPECT_EQ(device.device->stream().threads, 3);
  }
}

TEST(Devices, AreRefusedByTheirNames) {
  const auto refusal = [](const std::string& name) -> std::pair<Status, std::string> {
    try {
      (void)open_device(name, 1);
    } catch (const Error& error) {
      return {error.status(), error.what()};
    }
    return {Status::done, ""};
  };
  using testing::HasSubstr;
  using testing::Pair;
  for (const char* const name :
       {"", "gpu", "cpu:0", "cpu:", "cuda:", "cuda:x", "cuda:-1", "cuda:1 ", "cuda:1:2", "CUDA"})
    EXPECT_THAT(refusal(name), Pair(Status::usage, HasSubstr("device " + std::string(name) + ": expected cpu")));
  EXPECT_THAT(refusal("a\nb").second, testing::Not(HasSubstr("\n")));
  if (kernels::backends().size() == 2) {
    EXPECT_THAT(refusal("cuda:1"), Pair(Status::resources, HasSubstr("this build of pleura has no CUDA")));
  }
}

TEST(Devices, AreChosenWhereNoneIsNamed) {
  const OpenDevice device = open_device("auto", 2);
  if (kernels::backends().size() == 2) {
    EXPECT_EQ(device.device->name(), "cpu");
    EXPECT_THAT(device.why, testing::HasSubstr("this build of pleura has no CUDA"));
  } else {
    EXPECT_EQ(device.device->is_host(), !device.why.empty());
  }
}

TEST(Devices, CopyIntoChannelGroupsAndBack) {
  // The second half of a buffer of 4 channels; the first half stays as it is.
  for (const char* const name : {"cpu", "reference"})
    for (const DType type : {DType::f32, DType::f16, DType::bf16}) {
      const OpenDevice device = open_device(name, 2);
      std::vector<std::uint8_t> bytes(static_cast<std::size_t>(3 * 4 * size_of(type)), 0x11);
      const TensorView half{{type, {1, 1, 1, 3, 2}, 4}, bytes.data() + 2 * size_of(type)};
      const std::vector<float> values{1, -2, 3, 4.5f, 0, 6};
      copy_in(device, values.data(), half);
      std::vector<float> back(6);
      copy_out(device, half, back.data());
      EXPECT_EQ(back, values);
      EXPECT_EQ(bytes[0], 0x11);
      EXPECT_EQ(bytes[static_cast<std::size_t>(4 * size_of(type))], 0x11);
    }
}

TEST(Devices, ConvertAsTheReference) {
  const runtime::Shape shape{2, 3, 4, 5, 7};
  const std::vector<float> values = uniform("conversion", 1, shape.elements());
  for (const DType from : {DType::f32, DType::f16, DType::bf16})
    for (const DType to : {DType::f32, DType::f16, DType::bf16})
      for (const std::int64_t pitch : {7, 9}) {
        const kernels::Conversion operation{{from, shape, pitch}, {to, shape, pitch}};
        std::vector<std::byte> input(static_cast<std::size_t>(operation.input.bytes()));
        kernels::reference::convert(values.data(), input.data(), {dense(DType::f32, shape), operation.input});
        std::vector<std::byte> expected(static_cast<std::size_t>(operation.output.bytes())), output = expected;
        kernels::reference::convert(input.data(), expected.data(), operation);
        kernels::cpu::convert(input.data(), output.data(), operation, {2});
        EXPECT_EQ(output, expected) << to_string(operation);
      }
}

TEST(Devices, FindWhatIsNotFinite) {
  const OpenDevice device = open_device("cpu", 1);
  std::vector<float> values{1, 2, 3, 4};
  const TensorView tensor{dense(DType::f32, {1, 1, 1, 2, 2}), values.data()};
  EXPECT_TRUE(all_finite(device, tensor));
  values[1] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(all_finite(device, tensor));
}

}  // namespace
}  // namespace pleura::test
