// Peaks, and steps timed without a wait between them.
#include "pleura/profile.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "device_array.hpp"
#include "kernels/cuda/network/implicit_gemm.hpp"
#include "kernels/cuda/network/peaks.hpp"
#include "layers/models.hpp"
#include "runtime/cuda/stream.hpp"
#include "tiny_engine.hpp"

namespace pleura::test {
namespace {

using kernels::cuda::peak_threads;
using kernels::cuda::TensorCores;

TEST(CudaPeaks, AreMeasuredInEachType) {
  const kernels::OpenDevice cuda = on("cuda");
  for (const DType type : cuda.backend.activations) {
    const kernels::Peaks peaks = cuda.backend.peaks(*cuda.device, type, 1 << 16);
    EXPECT_GT(peaks.flops, 0);
    EXPECT_GT(peaks.bytes, 0);
    EXPECT_STRNE(peaks.arithmetic, "");
  }
}

/// Chain i of thread t starts at t + i and goes through x -> 0.999 x + 1e-4.
TEST(CudaPeaks, TheLoopOfFmasDoesThemAll) {
  constexpr int blocks = 2, rounds = 5, chains = 8;
  const runtime::cuda::Stream stream;
  DeviceArray<float> sums(blocks * peak_threads);
  EXPECT_EQ(kernels::cuda::run_fma_loop(sums.data(), blocks, rounds, stream.get()),
            2.0 * chains * peak_threads * blocks * rounds);
  stream.synchronize();
  const std::vector<float> found = sums.download();
  for (const int thread : {0, 17, peak_threads - 1, peak_threads + 17}) {
    double expected = 0;
    for (int i = 0; i < chains; ++i) {
      double x = thread % peak_threads + i;
      for (int round = 0; round < rounds; ++round) x = 0.999 * x + 1e-4;
      expected += x;
    }
    EXPECT_NEAR(found[thread], expected, 1e-5 * (1 + expected)) << thread;
  }
}

/// Each product of ones adds the depth, 16, to each of four chains.
TEST(CudaPeaks, TheLoopOfProductsDoesThemAll) {
  constexpr int blocks = 2, rounds = 3;
  for (const TensorCores cores : {TensorCores::turing, TensorCores::ampere}) {
    if (!kernels::cuda::can_run(cores)) continue;
    const runtime::cuda::Stream stream;
    DeviceArray<float> sums(blocks * peak_threads);
    EXPECT_EQ(kernels::cuda::run_mma_loop(cores, sums.data(), blocks, rounds, stream.get()),
              2.0 * 16 * 8 * 16 * 4 * (peak_threads / 32) * blocks * rounds);
    stream.synchronize();
    for (const float value : sums.download()) ASSERT_EQ(value, 16.0f * rounds * 4);
  }
}

TEST(CudaPeaks, TheTriadTouchesEachElementOnce) {
  constexpr int count = 4 * 333;
  const runtime::cuda::Stream stream;
  std::vector<float> x(count), y(count);
  for (int i = 0; i < count; ++i) {
    x[i] = static_cast<float>(i);
    y[i] = static_cast<float>(2 * i);
  }
  const DeviceArray<float> from(x);
  DeviceArray<float> to(y);
  EXPECT_EQ(kernels::cuda::run_triad(to.data(), from.data(), count, stream.get()), 12.0 * count);
  stream.synchronize();
  const std::vector<float> found = to.download();
  for (int i = 0; i < count; ++i) ASSERT_NEAR(found[i], 2 * i + 0.999 * i, 1e-6 * (1 + 3 * i)) << i;
}

TEST(CudaProfile, CoversThePlanInBothTypes) {
  for (const DType type : {DType::f32, DType::f16}) {
    layers::SegmenterNetwork network(*tiny_model().segmenter, on("cuda"), {type});
    layers::ProfiledRuns how;
    how.count = 2;  // of which each is run twice, after three
    const layers::NetworkProfile profile = network.profile({16, 16, 16}, how);
    std::int64_t calls = 0;
    for (const layers::LayerProfile& layer : profile.layers) {
      EXPECT_NE(layer.variant, "reference") << layer.name;
      EXPECT_EQ(layer.seconds.size(), 2U);
      calls += layer.calls;
    }
    EXPECT_EQ(calls, static_cast<std::int64_t>(profile.steps.size()));
    EXPECT_EQ(profile.plain_seconds.size(), 2U);
    for (const layers::TimedPass& pass : profile.passes) {
      EXPECT_EQ(pass.ends.size(), profile.steps.size());
      EXPECT_TRUE(std::is_sorted(pass.ends.begin(), pass.ends.end()));
    }
  }
}

TEST(CudaProfile, RunsAWholeFile) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder / "tiny.h5";
  weights::Model model = tiny_model();
  model.classifiers.clear();
  weights::write_model(model, file, false);
  ProfileOptions options;
  options.engine.device = "cuda";
  options.engine.threads = 1;
  options.engine.memory_bytes = 64 << 20;  // of which the arrays for peaks take a sixteenth
  options.shape = {16, 16, 16};
  options.runs = 1;
#ifdef PLEURA_NVML_STUB
  setenv("PLEURA_NVML", PLEURA_NVML_STUB, 1);
#endif
  const Profile profile = profile_weights(file, options);
  const auto json = nlohmann::json::parse(profile.json);
  EXPECT_EQ(json["device"]["name"], "cuda:0");
  ASSERT_EQ(json["networks"].size(), 1U);
  const auto& network = json["networks"][0];
  EXPECT_EQ(network["peaks"]["arithmetic"], "fp32 FMA");
  EXPECT_EQ(network["total"]["calls"], network["steps"]);
  EXPECT_NE(network.contains("gpu"), json["device"].contains("sensors"));
#ifdef PLEURA_NVML_STUB
  unsetenv("PLEURA_NVML");
  EXPECT_EQ(network["gpu"]["sm_mhz"]["max"], 1980);
  EXPECT_EQ(network["gpu"]["readings"], 5) << "three runs to warm up, one of each kind";
  EXPECT_NE(profile.table.find("61 C and 412 W; clocks were held down by power, heat"), std::string::npos);
#endif
}

}  // namespace
}  // namespace pleura::test
