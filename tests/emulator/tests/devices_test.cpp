// Several devices: what belongs to one is refused on another as CUDA does, and two host threads use one each.
#include <gtest/gtest.h>

#include <array>
#include <numeric>
#include <thread>

#include "../src/options.hpp"
#include "cuda_emulator.h"
#include "device_array.hpp"
#include "kernels.hpp"

namespace {

class TwoDevices : public testing::Test {
 protected:
  TwoDevices() {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    emulator::options().devices = 2;
    before_ = emulator::live();
  }
  ~TwoDevices() override {
    cudaSetDevice(0);
    EXPECT_EQ(emulator::live(), before_);
    emulator::options() = {};
  }

 private:
  emulator::Live before_;
};

/// A stream and events of the current device.
struct Handles {
  cudaStream_t stream = nullptr;
  cudaEvent_t event = nullptr, other_event = nullptr;
  Handles() {
    cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
    cudaEventCreate(&event);
    cudaEventCreate(&other_event);
  }
  ~Handles() {
    cudaStreamDestroy(stream);
    cudaEventDestroy(event);
    cudaEventDestroy(other_event);
  }
  Handles(const Handles&) = delete;
  Handles& operator=(const Handles&) = delete;
};

TEST_F(TwoDevices, HandlesBelongToTheDeviceThatMadeThem) {
  const Handles first;
  cudaSetDevice(1);
  const Handles second;
  const DeviceArray<float> x(std::vector<float>(64, 1.0F)), y(std::vector<float>(64, 1.0F));
  EXPECT_EQ(sample::axpy(1, x.data(), y.data(), 64, first.stream), cudaErrorInvalidResourceHandle);
  EXPECT_EQ(cudaEventRecord(second.event, first.stream), cudaErrorInvalidResourceHandle);
  EXPECT_EQ(cudaEventRecord(first.event, second.stream), cudaErrorInvalidResourceHandle);
  EXPECT_EQ(cudaEventRecord(first.event, nullptr), cudaErrorInvalidResourceHandle) << "this device's default stream";
  EXPECT_EQ(cudaMemsetAsync(x.data(), 0, 64, first.stream), cudaErrorInvalidValue);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidValue);

  EXPECT_EQ(cudaEventRecord(first.event, first.stream), cudaSuccess);
  EXPECT_EQ(cudaEventRecord(second.event, second.stream), cudaSuccess);
  EXPECT_EQ(cudaStreamWaitEvent(second.stream, first.event), cudaSuccess);
  EXPECT_EQ(cudaEventSynchronize(first.event), cudaSuccess);
  EXPECT_EQ(cudaEventSynchronize(second.event), cudaSuccess);
  float milliseconds = 0;
  EXPECT_EQ(cudaEventElapsedTime(&milliseconds, first.event, second.event), cudaErrorInvalidResourceHandle);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidResourceHandle);
}

TEST_F(TwoDevices, MemoryBelongsToADeviceAndIsFreedFromAny) {
  void* pointer = nullptr;
  cudaSetDevice(1);
  std::size_t before = 0, free = 0, total = 0;
  cudaMemGetInfo(&before, &total);
  cudaMalloc(&pointer, 1000);
  cudaPointerAttributes attributes{};
  cudaPointerGetAttributes(&attributes, pointer);
  EXPECT_EQ(attributes.device, 1);
  cudaMemGetInfo(&free, &total);
  EXPECT_EQ(before - free, 1000U);
  cudaSetDevice(0);
  cudaMemGetInfo(&free, &total);
  EXPECT_EQ(free, total) << "another device's";
  EXPECT_EQ(cudaFree(pointer), cudaSuccess);
}

TEST_F(TwoDevices, ADefaultStreamIsADevicesOwn) {
  const DeviceArray<float> x(std::vector<float>(64, 1.0F)), y(std::vector<float>(64, 0.0F));
  sample::axpy(1, x.data(), y.data(), 64, nullptr);
  const emulator::Counts before = emulator::counts();
  cudaSetDevice(1);
  cudaDeviceSynchronize();
  cudaStreamSynchronize(nullptr);
  EXPECT_EQ((emulator::counts() - before).kernels, 0U) << "waits for this device alone";
  cudaSetDevice(0);
  cudaStreamSynchronize(nullptr);
  EXPECT_EQ((emulator::counts() - before).kernels, 1U);
}

TEST_F(TwoDevices, ForeignMemoryInAKernelAndDeadHandlesAreCaught) {
  const auto launch_on_the_other = [] {
    const DeviceArray<float> x(64);
    cudaSetDevice(1);
    sample::axpy(1, x.data(), x.data(), 64, nullptr);
  };
  EXPECT_DEATH(launch_on_the_other(), "foreign device.*memory of device 0, the kernel is for device 1");
  const auto use_after_its_end = [] {
    cudaStream_t stream = nullptr;
    cudaStreamCreate(&stream);
    cudaStreamDestroy(stream);
    cudaStreamSynchronize(stream);
  };
  EXPECT_DEATH(use_after_its_end(), "dead handle.*cudaStreamSynchronize");
}

/// Kernels, copies and a graph on a device, in the calling thread: the sum of powers of two that it ends with.
float work(int device, int rounds) {
  cudaSetDevice(device);
  const Handles handles;
  const DeviceArray<float> one(std::vector<float>(256, 1.0F)), y(std::vector<float>(256, 0.0F));
  cudaStreamBeginCapture(handles.stream, cudaStreamCaptureModeThreadLocal);
  sample::axpy(2, one.data(), y.data(), 256, handles.stream);
  cudaGraph_t graph = nullptr;
  cudaStreamEndCapture(handles.stream, &graph);
  cudaGraphExec_t executable = nullptr;
  cudaGraphInstantiate(&executable, graph);
  std::vector<float> result(256);
  for (int round = 0; round < rounds; ++round) {
    const DeviceArray<float> more(std::vector<float>(256, static_cast<float>(device + 1)));
    sample::axpy(1, more.data(), y.data(), 256, handles.stream);
    cudaGraphLaunch(executable, handles.stream);
    cudaEventRecord(handles.event, handles.stream);
    cudaEventSynchronize(handles.event);
    cudaMemcpyAsync(result.data(), y.data(), 256 * sizeof(float), cudaMemcpyDeviceToHost, handles.stream);
    cudaStreamSynchronize(handles.stream);
  }
  cudaGraphExecDestroy(executable);
  cudaGraphDestroy(graph);
  return std::accumulate(result.begin(), result.end(), 0.0F);
}

TEST_F(TwoDevices, AreUsedByTwoThreadsAtOnce) {
  std::array<float, 2> together{};
  {
    std::array<std::jthread, 2> threads;
    for (int device = 0; device < 2; ++device)
      threads[device] = std::jthread([&, device] { together[device] = work(device, 20); });
  }
  EXPECT_EQ(together[0], 256 * 20 * (2.0F + 1));
  EXPECT_EQ(together[1], 256 * 20 * (2.0F + 2));
}

// What CUDA calls thread-local holds for the capturing thread alone, a global capture for all.
TEST_F(TwoDevices, ACaptureForbidsOtherThreadsWhatItsModeSays) {
  const Handles handles;
  for (const auto mode : {cudaStreamCaptureModeThreadLocal, cudaStreamCaptureModeGlobal}) {
    cudaStreamBeginCapture(handles.stream, mode);
    void* pointer = nullptr;
    EXPECT_EQ(cudaMalloc(&pointer, 8), cudaErrorStreamCaptureUnsupported);
    std::jthread([&] {
      const bool allowed = mode == cudaStreamCaptureModeThreadLocal;
      EXPECT_EQ(cudaMalloc(&pointer, 8), allowed ? cudaSuccess : cudaErrorStreamCaptureUnsupported);
      EXPECT_EQ(cudaFree(pointer), cudaSuccess);
      cudaGraph_t graph = nullptr;
      EXPECT_EQ(cudaStreamEndCapture(handles.stream, &graph), cudaErrorStreamCaptureWrongThread);
    }).join();
    cudaGraph_t graph = nullptr;
    EXPECT_EQ(cudaStreamEndCapture(handles.stream, &graph), cudaSuccess);
    cudaGraphDestroy(graph);
  }
  cudaGetLastError();
}

// The emulator's lock orders no threads in the eyes of ThreadSanitizer: a race of theirs is not hidden by their calls.
TEST_F(TwoDevices, CallsHideNoRaceBetweenThreads) {
#ifndef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer's to find";
#endif
  const auto race = [] {
    int unguarded = 0;
    std::array<std::jthread, 2> threads;
    for (int device = 0; device < 2; ++device)
      threads[device] = std::jthread([&, device] {
        work(device, 2);
        ++unguarded;
        work(device, 2);
      });
  };
  EXPECT_DEATH(race(), "data race");
}

}  // namespace
