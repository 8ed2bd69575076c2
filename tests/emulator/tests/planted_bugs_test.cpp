// Each kind of bug is planted once and must be caught: by the emulator in every build, or by the sanitizer that looks
// for it.
#include "planted_bugs.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "device_array.hpp"
#include "kernels.hpp"

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool asan = true, tsan = false;
#elif defined(__SANITIZE_THREAD__)
constexpr bool asan = false, tsan = true;
#else
constexpr bool asan = false, tsan = false;
#endif

class PlantedBug : public testing::Test {
 protected:
  PlantedBug() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(PlantedBug, MissingBarrier) {
  if (!tsan) GTEST_SKIP() << "ThreadSanitizer's to find";
  EXPECT_DEATH(
      {
        DeviceArray<float> out(64);
        planted::missing_barrier(out.data());
        cudaDeviceSynchronize();
      },
      "data race");
}

TEST_F(PlantedBug, MissingSyncwarp) {
  if (!tsan) GTEST_SKIP() << "ThreadSanitizer's to find";
  EXPECT_DEATH(
      {
        DeviceArray<float> out(32);
        planted::missing_syncwarp(out.data());
        cudaDeviceSynchronize();
      },
      "data race");
}

TEST_F(PlantedBug, SharedOverflow) {
  EXPECT_DEATH(
      {
        DeviceArray<float> out(64);
        planted::shared_overflow(out.data(), 1);
        cudaDeviceSynchronize();
      },
      asan ? "use-after-poison|out of bounds" : "shared overflow");
}

TEST_F(PlantedBug, DynamicSharedOverflow) {
  EXPECT_DEATH(
      {
        DeviceArray<float> out(64);
        planted::dynamic_shared_overflow(out.data(), 1);
        cudaDeviceSynchronize();
      },
      asan ? "use-after-poison" : "shared overflow");
}

TEST_F(PlantedBug, GlobalOverflow) {
  EXPECT_DEATH(
      {
        DeviceArray<float> out(64);
        planted::global_overflow(out.data(), 64);
        cudaDeviceSynchronize();
      },
      asan ? "use-after-poison" : "global overflow");
}

TEST_F(PlantedBug, MisalignedVector) {
  if (!asan) GTEST_SKIP() << "UndefinedBehaviorSanitizer's to find";
  EXPECT_DEATH(
      {
        DeviceArray<float> out(std::vector<float>(64, 1.0F));
        planted::misaligned_vector(out.data());
        cudaDeviceSynchronize();
      },
      "misaligned address");
}

TEST_F(PlantedBug, DivergentBarrier) {
  EXPECT_DEATH(
      {
        DeviceArray<float> out(64);
        planted::divergent_barrier(out.data());
        cudaDeviceSynchronize();
      },
      "divergent barrier.*planted_bugs.cu");
}

TEST_F(PlantedBug, BarrierSkipped) {
  EXPECT_DEATH(
      {
        DeviceArray<float> out(64);
        planted::barrier_skipped(out.data());
        cudaDeviceSynchronize();
      },
      "divergent barrier.*in a warp operation .__syncwarp.");
}

TEST_F(PlantedBug, AsyncCopyWithoutWait) {
  DeviceArray<float> in(std::vector<float>(32, 1.0F)), out(32);
  planted::async_copy_without_wait(in.data(), out.data());
  for (const float value : out.download()) EXPECT_TRUE(std::isnan(value));
}

TEST_F(PlantedBug, ShuffleFromInactiveLane) {
  EXPECT_DEATH(
      {
        DeviceArray<float> out(32);
        planted::shuffle_inactive(out.data());
        cudaDeviceSynchronize();
      },
      "inactive lane");
}

TEST_F(PlantedBug, ShuffleFromExitedLane) {
  EXPECT_DEATH(
      {
        DeviceArray<float> out(32);
        planted::shuffle_exited(out.data());
        cudaDeviceSynchronize();
      },
      "inactive lane");
}

TEST_F(PlantedBug, MixedWarpOperations) {
  EXPECT_DEATH(
      {
        DeviceArray<float> out(32);
        planted::mixed_warp_operations(out.data());
        cudaDeviceSynchronize();
      },
      "warp divergence");
}

TEST_F(PlantedBug, RaceBetweenBlocks) {
  if (!tsan) GTEST_SKIP() << "ThreadSanitizer's to find";
  EXPECT_DEATH(
      {
        DeviceArray<float> out(1);
        planted::race_between_blocks(out.data());
        cudaDeviceSynchronize();
      },
      "data race");
}

TEST_F(PlantedBug, UnwrittenSharedMemory) {
  DeviceArray<float> out(64);
  planted::unwritten_shared(out.data());
  const auto values = out.download();
  EXPECT_EQ(values[0], 1.0F);
  EXPECT_TRUE(std::isnan(values[63]));
}

TEST_F(PlantedBug, UseBeforeACopyHasFinished) {
  DeviceArray<float> device(std::vector<float>(64, 5.0F));
  std::vector<float> host(64, 0.0F);
  const auto read_early = [&] {
    cudaMemcpyAsync(host.data(), device.data(), 64 * sizeof(float), cudaMemcpyDeviceToHost);
    const volatile float* early = host.data();
    return early[3];
  };
  if (asan) {
    EXPECT_DEATH(read_early(), "use-after-poison");
  } else {
    EXPECT_TRUE(std::isnan(read_early()));
    cudaDeviceSynchronize();
    EXPECT_EQ(host[3], 5.0F);
  }
}

TEST_F(PlantedBug, SourceChangedWhileCopied) {
  EXPECT_DEATH(
      {
        DeviceArray<float> device(64);
        std::vector<float> host(64, 1.0F);
        cudaMemcpyAsync(device.data(), host.data(), 64 * sizeof(float), cudaMemcpyHostToDevice);
        host[0] = 2;
        cudaDeviceSynchronize();
      },
      "use before a copy has finished");
}

TEST_F(PlantedBug, PinnedBufferFilledAgainBeforeItsEvent) {
  const auto upload_twice = [](bool waits) {
    DeviceArray<float> device(64);
    void* memory = nullptr;
    cudaEvent_t sent;
    cudaEventCreate(&sent);
    cudaMallocHost(&memory, 64 * sizeof(float));
    for (int turn = 0; turn < 2; ++turn) {
      if (waits) cudaEventSynchronize(sent);
      std::fill_n(static_cast<float*>(memory), 64, static_cast<float>(turn));
      cudaMemcpyAsync(device.data(), memory, 64 * sizeof(float), cudaMemcpyHostToDevice);
      cudaEventRecord(sent);
    }
    cudaDeviceSynchronize();
    cudaFreeHost(memory);
    cudaEventDestroy(sent);
  };
  upload_twice(true);
  EXPECT_DEATH(upload_twice(false), "use before a copy has finished");
}

// cudaMemcpy from pageable memory, and cudaMemset, return before the bytes have arrived, and a non-blocking stream does
// not wait for them.
TEST_F(PlantedBug, UploadNotWaitedForByANonBlockingStream) {
  cudaStream_t stream;
  cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
  const std::vector<float> ones(64, 1.0F);
  for (const bool filled : {false, true}) {
    for (const bool waited : {false, true}) {
      const DeviceArray<float> x(std::vector<float>(64, 5.0F)), y(std::vector<float>(64, 0.0F));
      if (filled)
        cudaMemset(x.data(), 0, 64 * sizeof(float));
      else
        cudaMemcpy(x.data(), ones.data(), 64 * sizeof(float), cudaMemcpyHostToDevice);
      if (waited) cudaStreamSynchronize(nullptr);
      sample::axpy(1, x.data(), y.data(), 64, stream);
      cudaStreamSynchronize(stream);
      EXPECT_EQ(y.download()[0], !waited ? 5.0F : filled ? 0.0F : 1.0F);
    }
  }
  cudaStreamDestroy(stream);
}

TEST_F(PlantedBug, Leak) {
  EXPECT_DEATH(
      {
        void* forgotten = nullptr;
        cudaMalloc(&forgotten, 100);
        cudaDeviceReset();
      },
      "leak.*1 allocations");
}

TEST_F(PlantedBug, HostReadsDeviceMemory) {
  EXPECT_DEATH(
      {
        const DeviceArray<float> device(64);
        volatile float value = device.data()[0];
        static_cast<void>(value);
      },
      "host access|SEGV");
}

TEST_F(PlantedBug, KernelGetsHostPointer) {
  EXPECT_DEATH(
      {
        std::vector<float> host(64);
        planted::unwritten_shared(host.data());
      },
      "wrong side.*argument 0");
}

TEST_F(PlantedBug, CopyInTheWrongDirection) {
  EXPECT_DEATH(
      {
        const DeviceArray<float> device(64);
        std::vector<float> host(64);
        cudaMemcpy(host.data(), device.data(), 64 * sizeof(float), cudaMemcpyHostToDevice);
      },
      "wrong side");
}

TEST_F(PlantedBug, CopyPastTheEnd) {
  EXPECT_DEATH(
      {
        const DeviceArray<float> device(64);
        std::vector<float> host(65);
        cudaMemcpy(host.data(), device.data(), 65 * sizeof(float), cudaMemcpyDeviceToHost);
      },
      "wrong side.*not inside one device allocation");
}

}  // namespace
