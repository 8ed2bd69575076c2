// A whole screening on the device.
#include <gmock/gmock.h>

#include "api/fixture.hpp"

namespace pleura::test {
namespace {

Screening screen(const std::string& device, Precision precision) {
  const TemporaryFolder folder;
  EngineOptions options;
  options.device = device;
  options.precision = precision;
  options.threads = 2;
  return Engine(small_weights(folder), options).screen(small_phantom(3).volume);
}

/// A cube that rounding moved by a hair moves single pixels of its patches by one HU.
void expect_close(const Screening& a, const Screening& b, double millimetres, double share) {
  ASSERT_FALSE(a.result.regions.empty());
  ASSERT_EQ(a.result.regions.size(), b.result.regions.size());
  for (std::size_t i = 0; i < a.result.regions.size(); ++i)
    for (std::size_t k = 0; k < 3; ++k) {
      EXPECT_NEAR(a.result.regions[i].box_mm.low[k], b.result.regions[i].box_mm.low[k], millimetres);
      for (std::size_t c = 0; c < 3; ++c) {
        const double logit = b.result.regions[i].votes[k].logits[c];
        EXPECT_NEAR(a.result.regions[i].votes[k].logits[c], logit, share * std::max(10.0, std::abs(logit)));
      }
    }
  EXPECT_EQ(a.result.case_result.result, b.result.case_result.result);
}

TEST(LongCudaNetworkEngine, ScreensAsTheCpuDoes) {
  const Screening cuda = screen("cuda", Precision::fp32);
  EXPECT_EQ(cuda.result.run.device, "cuda:0");
  const Screening cpu = screen("cpu", Precision::fp32);
  EXPECT_EQ(cuda.lungs, cpu.lungs);
  expect_close(cuda, cpu, 1e-2, 2e-3);
}

TEST(LongCudaNetworkEngine, ScreensInFp16) {
  const Screening cuda = screen("cuda", Precision::fp16);
  EXPECT_EQ(cuda.result.run.precision, "fp16");
  EXPECT_FALSE(cuda.result.regions.empty());
}

}  // namespace
}  // namespace pleura::test
