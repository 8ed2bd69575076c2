// Right kernels give right results, in every order of threads, blocks and operations; the runtime's calls do what
// CUDA's do.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

#include "../src/options.hpp"
#include "cuda_emulator.h"
#include "cuda_fp16.h"
#include "device_array.hpp"
#include "kernels.hpp"

namespace {

using emulator::Order;

class EveryOrder : public testing::TestWithParam<Order> {
 protected:
  EveryOrder() { emulator::options().order = GetParam(); }
  ~EveryOrder() override { emulator::options() = {}; }
  std::mt19937 random{7};

  std::vector<float> uniform(std::size_t count) {
    std::uniform_real_distribution<float> distribution(-1, 1);
    std::vector<float> values(count);
    for (float& value : values) value = distribution(random);
    return values;
  }
};

INSTANTIATE_TEST_SUITE_P(Orders, EveryOrder, testing::Values(Order::forward, Order::reverse, Order::random));

TEST_P(EveryOrder, TiledProduct) {
  const int m = 21, n = 17, k = 35;
  const auto a = uniform(m * k), b = uniform(k * n);
  const DeviceArray<float> da(a), db(b), dc(m * n);
  ASSERT_EQ(sample::multiply(da.data(), db.data(), dc.data(), m, n, k, nullptr), cudaSuccess);
  const auto c = dc.download();
  for (int row = 0; row < m; ++row)
    for (int column = 0; column < n; ++column) {
      double sum = 0;
      for (int i = 0; i < k; ++i) sum += double{a[row * k + i]} * b[i * n + column];
      EXPECT_NEAR(c[row * n + column], sum, 1e-5);
    }
}

TEST_P(EveryOrder, TensorCoreProduct) {
  const int m = 32, n = 24, k = 48;
  std::vector<__half> a(m * k), b(n * k);
  for (auto& value : a) value = __half(static_cast<float>(static_cast<int>(random() % 17) - 8));
  for (auto& value : b) value = __half(static_cast<float>(static_cast<int>(random() % 17) - 8));
  const DeviceArray<__half> da(a), db(b);
  const DeviceArray<float> dc(m * n);
  ASSERT_EQ(sample::multiply_half(da.data(), db.data(), dc.data(), m, n, k, nullptr), cudaSuccess);
  const auto c = dc.download();
  for (int row = 0; row < m; ++row)
    for (int column = 0; column < n; ++column) {
      float sum = 0;
      for (int i = 0; i < k; ++i) sum += float(a[row * k + i]) * float(b[column * k + i]);
      EXPECT_EQ(c[row * n + column], sum) << row << "," << column;
    }
}

TEST_P(EveryOrder, ShufflesAndAtomics) {
  std::vector<float> values(1000);
  std::iota(values.begin(), values.end(), 1.0F);
  const DeviceArray<float> device(values), total(1);
  ASSERT_EQ(sample::sum(device.data(), total.data(), 1000, nullptr), cudaSuccess);
  EXPECT_EQ(total.download()[0], 500500.0F);

  std::vector<int> classes(1000);
  for (int i = 0; i < 1000; ++i) classes[i] = i % 7;
  const DeviceArray<int> input(classes), counts(std::vector<int>(7, 0));
  ASSERT_EQ(sample::histogram(input.data(), 1000, counts.data(), nullptr), cudaSuccess);
  EXPECT_EQ(counts.download(), (std::vector<int>{143, 143, 143, 143, 143, 143, 142}));
}

TEST_P(EveryOrder, DynamicSharedMemory) {
  std::vector<float> values(5 * 48);
  std::iota(values.begin(), values.end(), 0.0F);
  const DeviceArray<float> device(values);
  ASSERT_EQ(sample::reverse_runs(device.data(), 5, 48, nullptr), cudaSuccess);
  const auto reversed = device.download();
  for (int i = 0; i < 5 * 48; ++i) EXPECT_EQ(reversed[i], static_cast<float>(i / 48 * 48 + 47 - i % 48));
}

TEST(Intrinsics, DotProductOfBytes) {
  const DeviceArray<int> a(std::vector<int>{0x01020304, static_cast<int>(0xff80017fU)}),
      b(std::vector<int>{0x01010101, 0x0102037f}), out(2);
  ASSERT_EQ(sample::dot4(a.data(), b.data(), out.data(), 2, nullptr), cudaSuccess);
  EXPECT_EQ(out.download(), (std::vector<int>{10, -1 - 256 + 3 + 127 * 127}));
}

TEST(Streams, WorkWithoutADependencyFindsItUndone) {
  cudaStream_t first, second;
  cudaStreamCreateWithFlags(&first, cudaStreamNonBlocking);
  cudaStreamCreateWithFlags(&second, cudaStreamNonBlocking);
  cudaEvent_t ready;
  cudaEventCreate(&ready);
  for (const bool with_event : {false, true}) {
    const DeviceArray<float> x(std::vector<float>(64, 0.0F)), y(std::vector<float>(64, 0.0F)),
        one(std::vector<float>(64, 1.0F));
    sample::axpy(1, one.data(), x.data(), 64, first);  // x = 1
    if (with_event) {
      cudaEventRecord(ready, first);
      cudaStreamWaitEvent(second, ready);
    }
    sample::axpy(1, x.data(), y.data(), 64, second);  // y = x, which needs the first stream's work
    cudaStreamSynchronize(second);
    std::vector<float> result(64);
    cudaMemcpyAsync(result.data(), y.data(), 64 * sizeof(float), cudaMemcpyDeviceToHost, second);
    cudaStreamSynchronize(second);
    EXPECT_EQ(result[0], with_event ? 1.0F : 0.0F);
    cudaDeviceSynchronize();
  }
  cudaEventDestroy(ready);
  cudaStreamDestroy(first);
  cudaStreamDestroy(second);
}

TEST(Streams, LegacyDefaultStreamWaitsForBlockingStreams) {
  cudaStream_t blocking;
  cudaStreamCreate(&blocking);
  const DeviceArray<float> x(std::vector<float>(64, 2.0F)), y(std::vector<float>(64, 1.0F));
  sample::axpy(3, x.data(), y.data(), 64, blocking);
  EXPECT_EQ(y.download()[63], 7.0F);  // cudaMemcpy goes through the default stream
  cudaStreamDestroy(blocking);
}

TEST(Streams, QueriesAndTimes) {
  cudaEvent_t begin, end;
  cudaEventCreate(&begin);
  cudaEventCreate(&end);
  const DeviceArray<float> x(std::vector<float>(64, 2.0F)), y(std::vector<float>(64, 1.0F));
  cudaEventRecord(begin);
  sample::axpy(3, x.data(), y.data(), 64, nullptr);
  cudaEventRecord(end);
  EXPECT_EQ(cudaEventQuery(end), cudaErrorNotReady);
  while (cudaEventQuery(end) == cudaErrorNotReady) {
  }
  float milliseconds = -1;
  EXPECT_EQ(cudaEventElapsedTime(&milliseconds, begin, end), cudaSuccess);
  EXPECT_GE(milliseconds, 0.0F);
  cudaEventDestroy(begin);
  cudaEventDestroy(end);
}

TEST(Graphs, CapturedWorkOfTwoStreamsIsReplayed) {
  cudaStream_t first, second;
  cudaStreamCreate(&first);
  cudaStreamCreate(&second);
  cudaEvent_t fork, join;
  cudaEventCreate(&fork);
  cudaEventCreate(&join);
  const DeviceArray<float> one(std::vector<float>(64, 1.0F)), x(std::vector<float>(64, 0.0F)),
      y(std::vector<float>(64, 0.0F));
  cudaStreamBeginCapture(first, cudaStreamCaptureModeGlobal);
  sample::axpy(1, one.data(), x.data(), 64, first);
  cudaEventRecord(fork, first);
  cudaStreamWaitEvent(second, fork);
  sample::axpy(2, x.data(), y.data(), 64, second);
  cudaEventRecord(join, second);
  cudaStreamWaitEvent(first, join);
  EXPECT_EQ(cudaDeviceSynchronize(), cudaErrorStreamCaptureUnsupported);
  cudaGraph_t graph;
  ASSERT_EQ(cudaStreamEndCapture(first, &graph), cudaSuccess);
  EXPECT_EQ(cudaGetLastError(), cudaErrorStreamCaptureUnsupported);
  std::size_t nodes = 0;
  cudaGraphGetNodes(graph, nullptr, &nodes);
  EXPECT_EQ(nodes, 2U);
  EXPECT_EQ(y.download()[5], 0.0F);  // captured, not run
  cudaGraphExec_t executable;
  cudaGraphInstantiate(&executable, graph);
  cudaGraphLaunch(executable, first);
  cudaGraphLaunch(executable, first);
  cudaStreamSynchronize(first);
  EXPECT_EQ(y.download()[5], 2.0F * 1 + 2.0F * 2);
  cudaGraphExecDestroy(executable);
  cudaGraphDestroy(graph);
  cudaEventDestroy(fork);
  cudaEventDestroy(join);
  cudaStreamDestroy(first);
  cudaStreamDestroy(second);
}

TEST(Memory, FullDeviceAndFailureOnRequest) {
  void* pointer = nullptr;
  EXPECT_EQ(cudaMalloc(&pointer, emulator::options().device_memory + 1), cudaErrorMemoryAllocation);
  EXPECT_EQ(cudaGetLastError(), cudaErrorMemoryAllocation);
  {
    const emulator::Watch watch(emulator::Failure{1, cudaErrorMemoryAllocation});
    void* other = nullptr;
    EXPECT_EQ(cudaMalloc(&pointer, 10), cudaSuccess);
    EXPECT_EQ(cudaMalloc(&other, 10), cudaErrorMemoryAllocation);
  }
  EXPECT_EQ(cudaFree(pointer), cudaSuccess);
  EXPECT_EQ(cudaFree(pointer), cudaErrorInvalidValue);
  cudaGetLastError();
}

TEST(Memory, SparseAllocationBeyondTwoToThe31Elements) {
  const long long count = (1LL << 31) + 100;
  float *x = nullptr, *y = nullptr;
  ASSERT_EQ(cudaMalloc(&x, count * sizeof(float)), cudaSuccess);
  ASSERT_EQ(cudaMalloc(&y, count * sizeof(float)), cudaSuccess);
  std::vector<float> tail(64, 3.0F), result(64);
  cudaMemcpy(x + count - 64, tail.data(), 64 * sizeof(float), cudaMemcpyHostToDevice);
  cudaMemset(y + count - 64, 0, 64 * sizeof(float));
  sample::axpy(2, x + count - 64, y + count - 64, 64, nullptr);
  cudaMemcpy(result.data(), y + count - 64, 64 * sizeof(float), cudaMemcpyDeviceToHost);
  EXPECT_EQ(result, std::vector<float>(64, 6.0F));
  cudaFree(x);
  cudaFree(y);
}

TEST(Launches, InvalidConfigurationsAreRefused) {
  const DeviceArray<float> values(64);
  EXPECT_EQ(sample::reverse_runs(values.data(), 1, 2000, nullptr), cudaErrorInvalidConfiguration);
  EXPECT_EQ(sample::reverse_runs(values.data(), 0, 32, nullptr), cudaErrorInvalidConfiguration);
  EXPECT_EQ(sample::multiply(values.data(), values.data(), values.data(), 8 * 65536, 1, 1, nullptr),
            cudaErrorInvalidConfiguration);
}

TEST(Counts, TellCopiesKernelsAndAllocations) {
  constexpr std::size_t bytes = 64 * sizeof(float);
  const emulator::Counts before = emulator::counts();
  {
    const DeviceArray<float> x(std::vector<float>(64, 2.0F)), y(64);
    cudaMemcpyAsync(y.data(), x.data(), bytes, cudaMemcpyDeviceToDevice);
    sample::axpy(3, x.data(), y.data(), 64, nullptr);
    std::vector<float> back(64);
    cudaMemcpy2DAsync(back.data(), 128, y.data(), 128, 64, 2, cudaMemcpyDeviceToHost);
    EXPECT_EQ(y.download()[0], 8.0F);
  }
  EXPECT_EQ(emulator::counts() - before, (emulator::Counts{2, 1, bytes, 2, 128 + bytes, 1}));
}

TEST(Counts, TellWhatAGraphDoesEachTimeItIsLaunched) {
  cudaStream_t stream;
  cudaStreamCreate(&stream);
  const DeviceArray<float> x(std::vector<float>(64, 1.0F)), y(std::vector<float>(64, 0.0F));
  cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal);
  sample::axpy(1, x.data(), y.data(), 64, stream);
  cudaGraph_t graph;
  cudaStreamEndCapture(stream, &graph);
  cudaGraphExec_t executable;
  cudaGraphInstantiate(&executable, graph);
  const emulator::Counts before = emulator::counts();
  for (int launch = 0; launch < 3; ++launch) cudaGraphLaunch(executable, stream);
  cudaStreamSynchronize(stream);
  EXPECT_EQ((emulator::counts() - before).kernels, 3U);
  cudaGraphExecDestroy(executable);
  cudaGraphDestroy(graph);
  cudaStreamDestroy(stream);
}

TEST(Names, KernelsAreKnownByTheirNames) {
  EXPECT_EQ(emulator::kernel_name(typeid(emulator::KernelTag<&cudaDeviceReset>).name()), "cudaDeviceReset()");
}

}  // namespace
