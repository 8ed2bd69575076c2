// Windowing: what the CPU's window gives, bit for bit.
#include "kernels/cuda/voxels/window.hpp"

#include <gtest/gtest.h>

#include "device_array.hpp"
#include "kernels/voxels.hpp"
#include "kernels/window.hpp"
#include "random.hpp"
#include "runtime/cuda/stream.hpp"

namespace pleura::test {
namespace {

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
      const float expected = kernels::apply_window(hu[i], limits[0], limits[1]);
      ASSERT_EQ(values[i], expected) << hu[i];
      ASSERT_EQ(__half2float(halves[i]), __half2float(__float2half_rn(expected))) << hu[i];
    }
  }
}

}  // namespace
}  // namespace pleura::test
