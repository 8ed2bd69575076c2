// The instrument for volumes on CUDA is the CPU's, bit for bit; what it refuses.
#include "kernels/instrument.hpp"

#include <gtest/gtest.h>

#include "instruments.hpp"
#include "pleura/error.hpp"

namespace pleura::test {
namespace {

INSTANTIATE_TEST_SUITE_P(CudaAndCpu, InstrumentsAgree, ::testing::Values(DeviceNames("cpu", "cuda")));

TEST(CudaInstrument, RefusesWhatReachesTooFar) {
  Instruments on;
  const kernels::Bits bits = on.cuda().take(kernels::BitVolume({1, 1, 1}));
  const std::vector<std::int16_t> hu(1);
  EXPECT_THROW(on.cuda().dilate(bits, kernels::Disc{{257}}), Error);
  EXPECT_THROW(on.cuda().below(on.cuda().take(hu, {1, 1, 1}), {kernels::BlurWeights(129), {}}, {0}), Error);
}

TEST(CudaInstrument, RefusesSlicesThatAreNotThereAndPatchesOfSeveralSizes) {
  Instruments on;
  const std::vector<std::int16_t> values(48);
  const kernels::Hu hu = on.cuda().take(values, {3, 4, 4});
  const kernels::ResampleAxis two{0, 1, 2}, three{0, 1, 3};
  for (const kernels::PatchRegion& region :
       {kernels::PatchRegion{{0, 0, 1, 2, 3}, two, two}, {{-1, 0, 1, 2, 2}, two, two}, {{0, 0, 1, 2, 2}, two, three}})
    EXPECT_THROW(static_cast<void>(on.cuda().cut(hu, {region}, 0)), Error);
}

}  // namespace
}  // namespace pleura::test
