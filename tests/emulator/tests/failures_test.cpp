// Calls that fail because a test says so, and what CUDA's sticky errors leave behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../src/options.hpp"
#include "cuda_emulator.h"
#include "device_array.hpp"
#include "kernels.hpp"

namespace {

using emulator::Failure;
using emulator::Watch;
using testing::ElementsAre;
using testing::HasSubstr;

/// An upload, a kernel, a download.
cudaError_t work() {
  constexpr std::size_t bytes = 64 * sizeof(float);
  float* y = nullptr;
  if (const cudaError_t error = cudaMalloc(&y, bytes)) return error;
  cudaError_t error = cudaMemset(y, 0, bytes);
  if (error == cudaSuccess) error = sample::axpy(1, y, y, 64, nullptr);
  if (error == cudaSuccess) error = cudaDeviceSynchronize();
  const cudaError_t freed = cudaFree(y);
  return error == cudaSuccess ? freed : error;
}

TEST(Failures, CallsAreNoted) {
  const Watch watch;
  EXPECT_EQ(work(), cudaSuccess);
  EXPECT_THAT(watch.calls(), ElementsAre("cudaMalloc", "cudaMemset", HasSubstr("launch of sample::"),
                                         "cudaDeviceSynchronize", "cudaFree"));
}

TEST(Failures, EachCallFailsOnceAndLeavesTheDeviceOfUse) {
  const emulator::Live before = emulator::live();
  for (std::size_t call = 0; call < 5; ++call) {
    const Watch watch(Failure{call, cudaErrorUnknown});
    EXPECT_EQ(work(), cudaErrorUnknown) << call;
    const cudaError_t left = call == 2 ? cudaSuccess : cudaErrorUnknown;  // who launches has asked for its error
    EXPECT_EQ(cudaPeekAtLastError(), left) << call;
    EXPECT_EQ(cudaGetLastError(), left) << call;
    EXPECT_EQ(cudaGetLastError(), cudaSuccess) << call;
    EXPECT_EQ(emulator::live(), before) << "what frees does so where it fails, too";
    EXPECT_EQ(work(), cudaSuccess) << call;
  }
}

TEST(Failures, AStickyErrorStaysUntilTheDeviceIsReset) {
  {
    const Watch watch(Failure{3, cudaErrorLaunchFailure});
    EXPECT_EQ(work(), cudaErrorLaunchFailure);
  }
  for (int again = 0; again < 2; ++again) {
    EXPECT_EQ(work(), cudaErrorLaunchFailure);
    EXPECT_EQ(cudaGetLastError(), cudaErrorLaunchFailure);
  }
  int device = -1, count = 0;
  EXPECT_EQ(cudaGetDevice(&device), cudaSuccess);
  EXPECT_EQ(cudaGetDeviceCount(&count), cudaSuccess);
  EXPECT_EQ(cudaDeviceReset(), cudaSuccess);
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
  EXPECT_EQ(work(), cudaSuccess);
}

TEST(Failures, ALastingOneIsAsIfThereWereNoDriver) {
  const Watch watch(Failure{0, cudaErrorInsufficientDriver, true});
  int count = -1;
  EXPECT_EQ(cudaGetDeviceCount(&count), cudaErrorInsufficientDriver);
  EXPECT_EQ(work(), cudaErrorInsufficientDriver);
  cudaGetLastError();
}

TEST(Failures, WithoutADeviceThereIsNone) {
  emulator::options().devices = 0;
  int count = -1;
  EXPECT_EQ(cudaGetDeviceCount(&count), cudaErrorNoDevice);
  EXPECT_EQ(cudaGetLastError(), cudaErrorNoDevice);
  EXPECT_EQ(count, 0);
  emulator::options() = {};
}

TEST(Failures, AnOldDriverServesNothing) {
  emulator::options().driver = 11040;
  int version = 0;
  EXPECT_EQ(cudaDriverGetVersion(&version), cudaSuccess);
  EXPECT_EQ(version, 11040);
  EXPECT_EQ(work(), cudaErrorInsufficientDriver);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInsufficientDriver);
  emulator::options() = {};
}

TEST(Failures, HostFunctionsMayNotCallTheRuntime) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        cudaLaunchHostFunc(
            nullptr, [](void*) { cudaGetLastError(); }, nullptr);
        cudaDeviceSynchronize();
      },
      "host function");
}

}  // namespace
