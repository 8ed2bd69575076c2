// What a device can do at most. No figure is asserted: only that there is one.
#include "kernels/peaks.hpp"

#include <gtest/gtest.h>

#include "kernels/backend.hpp"

namespace pleura::test {
namespace {

TEST(Peaks, AreMeasuredInEachTypeOfADevice) {
  for (const char* const name : {"cpu", "reference"}) {
    const kernels::OpenDevice open = kernels::open_device(name, 2);
    for (const runtime::DType type : open.backend.activations) {
      const kernels::Peaks peaks = open.backend.peaks(*open.device, type, 1 << 20);
      EXPECT_GT(peaks.flops, 0) << name;
      EXPECT_GT(peaks.bytes, 0) << name;
      EXPECT_STRNE(peaks.arithmetic, "") << name;
    }
  }
}

TEST(Peaks, NeedNotMoreThanAByte) {
  const kernels::OpenDevice open = kernels::open_device("cpu", 3);
  EXPECT_GT(open.backend.peaks(*open.device, runtime::DType::f32, 1).bytes, 0);
}

}  // namespace
}  // namespace pleura::test
