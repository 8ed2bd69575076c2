// A device is the one that was named, whatever the calling thread's current device is. The emulator has two.
#include <gmock/gmock.h>

#include <cstdlib>
#include <thread>

#include "kernels/random.hpp"
#include "kernels/transfer.hpp"
#include "pleura/error.hpp"
#include "runtime/cuda/current.hpp"
#include "runtime/cuda/error.hpp"

namespace pleura::test {
namespace {

using runtime::DType;

/// Before the emulator reads it.
[[maybe_unused]] const int two_devices = setenv("EMULATOR_DEVICES", "2", 0);

int current() {
  int device = -1;
  EXPECT_EQ(cudaGetDevice(&device), cudaSuccess);
  return device;
}

class SeveralDevices : public testing::Test {
 protected:
  void SetUp() override {
    int count = 0;
    ASSERT_EQ(cudaGetDeviceCount(&count), cudaSuccess);
    if (count < 2) GTEST_SKIP() << "there is one device";
  }
  void TearDown() override { EXPECT_EQ(cudaSetDevice(0), cudaSuccess); }
};

/// To fp16 and back, through the device's own kernels.
void expect_rounded(const kernels::OpenDevice& device) {
  const runtime::TensorDesc desc = dense(DType::f16, {1, 2, 3, 5, 8});
  const std::vector<float> values = Random().values(desc.shape.elements(), 100, true);
  std::vector<float> back(values.size());
  const runtime::Arena memory = device.device->allocate(desc.bytes());
  copy_in(device, values.data(), {desc, memory.data()});
  copy_out(device, {desc, memory.data()}, back.data());
  EXPECT_EQ(back, values);
}

TEST_F(SeveralDevices, AreOpenedByNumberAndUsedFromAnyThread) {
  const kernels::OpenDevice second = kernels::open_device("cuda:1", 1);
  EXPECT_EQ(second.device->name(), "cuda:1");
  EXPECT_EQ(current(), 0) << "the caller's device is put back";
  expect_rounded(second);
  std::thread([&] { expect_rounded(second); }).join();
  ASSERT_EQ(cudaSetDevice(1), cudaSuccess);
  expect_rounded(kernels::open_device("cuda:0", 1));
  EXPECT_EQ(current(), 1);
  EXPECT_EQ(kernels::open_device("cuda", 1).device->name(), "cuda:1") << "the current one";
}

TEST_F(SeveralDevices, AreRefusedBeyondTheLast) {
  try {
    (void)kernels::open_device("cuda:99", 1);
    FAIL() << "expected a refusal";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::resources);
    EXPECT_THAT(error.what(), testing::HasSubstr("device cuda:99: this machine has "));
  }
}

TEST(CudaErrors, OfTheHostProgramAreNotOurs) {
  const kernels::OpenDevice device = kernels::open_device("cuda", 1);
  EXPECT_NE(cudaSetDevice(1 << 20), cudaSuccess);
  expect_rounded(device);
}

TEST(CudaErrors, AreNotLeftBehind) {
  EXPECT_THROW(runtime::cuda::Current(1 << 20), Error);
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
}

}  // namespace
}  // namespace pleura::test
