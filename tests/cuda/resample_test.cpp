// Resampling and windowing: the CPU's whole HU and the naive twin's to 1, and what the CPU's window gives, bit for bit.
#include "kernels/cuda/resample.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "device_array.hpp"
#include "kernels/cuda/window.hpp"
#include "kernels/voxels.hpp"
#include "random.hpp"
#include "runtime/cuda/stream.hpp"
#include "screening/windowing.hpp"

namespace pleura::test {
namespace {

using kernels::Resample;
using kernels::ResampleAxis;

/// The CPU's whole HU, which are the naive twin's to 1: that computes in double.
void expect_like_the_others(const Index3& shape, const Resample& how, std::uint32_t seed) {
  const auto hu = random_hu(shape[0] * shape[1] * shape[2], seed);
  const auto expected = kernels::resample(hu.data(), shape, how, 1);
  const runtime::cuda::Stream stream;
  const kernels::cuda::ResampleTable table(how, shape);
  const DeviceArray<std::int16_t> in(hu), out(expected.size());
  const DeviceArray<float> workspace(static_cast<std::size_t>(table.workspace_bytes()) / sizeof(float));
  kernels::cuda::resample(in.data(), out.data(), shape, table, workspace.data(), stream.get());
  const auto found = out.download();
  EXPECT_EQ(found, expected);
  static_cast<void>(workspace.download());  // its guards
  const auto naive = kernels::reference::resample(hu.data(), shape, how);
  ASSERT_EQ(found.size(), naive.size());
  for (std::size_t i = 0; i < naive.size(); ++i) EXPECT_LE(std::abs(naive[i] - found[i]), 1) << i;
}

TEST(CudaResample, GivesTheCpusWholeHuAndTheNaiveOnesToOne) {
  Random random;
  for (int i = 0; i < 25; ++i) {
    const Index3 shape{random(1, 9), random(1, 12), random(1, 14)};
    Resample how{{}, static_cast<std::int16_t>(random(-2000, 0))};
    std::string text;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      how.axes[axis] = {random(-300, 900), random(20, 400), random(1, 9), 100};
      text += ' ';
      text += std::to_string(shape[axis]) + ": " + std::to_string(how.axes[axis].first) + " + " +
              std::to_string(how.axes[axis].count) + " * " + std::to_string(how.axes[axis].step) + " hundredths";
    }
    SCOPED_TRACE(random.trace(text));
    expect_like_the_others(shape, how, static_cast<std::uint32_t>(i));
  }
}

TEST(CudaResample, ReadsOutsideWhereNothingOfTheVolumeIsNear) {
  expect_like_the_others({2, 3, 4}, {{ResampleAxis{0, 1, 2}, {0, 1, 3}, {50, 1, 5}}, -1024}, 1);
  expect_like_the_others({2, 3, 4}, {{ResampleAxis{-9, 1, 2}, {0, 1, 3}, {0, 1, 5}}, -1024}, 2);
}

TEST(CudaWindow, IsTheCpus) {
  Random random;
  const runtime::cuda::Stream stream;
  for (const std::array<double, 2>& limits :
       {std::array<double, 2>{-1200, 600}, {-1000.5, 233.7}, {-160, 240}, {0, 1}}) {
    const auto hu = random_hu(1001, static_cast<std::uint32_t>(random(0, 1 << 30)));
    const DeviceArray<std::int16_t> in(hu);
    const DeviceArray<float> single(hu.size());
    const DeviceArray<__half> half(hu.size());
    kernels::cuda::window(in.data(), single.data(), 1001, limits, stream.get());
    kernels::cuda::window(in.data(), half.data(), 1001, limits, stream.get());
    const auto values = single.download();
    const auto halves = half.download();
    for (std::size_t i = 0; i < hu.size(); ++i) {
      const float expected = screening::apply_window(hu[i], limits);
      ASSERT_EQ(values[i], expected) << hu[i];
      ASSERT_EQ(__half2float(halves[i]), __half2float(__float2half_rn(expected))) << hu[i];
    }
  }
}

}  // namespace
}  // namespace pleura::test
