// The lungs that screening finds: the CPU's, bit for bit.
#include "screening/lungs.hpp"

#include <gtest/gtest.h>

#include "instruments.hpp"
#include "pleura/error.hpp"
#include "pleura/pleura.hpp"
#include "screening/synthetic_chest.hpp"
#include "shared_data.hpp"

namespace pleura::test {
namespace {

using kernels::Instrument;

/// Returns how many voxels they have; none where the CT is refused, in the CPU's words.
std::int64_t expect_like_the_cpu(const Volume& volume) {
  Instruments on;
  const auto [mask, boxes, words] = on.both([&](Instrument& one) {
    try {
      const screening::Lungs lungs =
          screening::find_lungs(one, one.take(volume.hu, volume.geometry.shape), volume.geometry);
      return std::tuple(one.read(lungs.labels), lungs.slice_boxes, std::to_string(lungs.summary.left_litres));
    } catch (const Error& error) {
      return std::tuple(std::vector<std::uint8_t>(), std::vector<VoxelBox>(), std::string(error.what()));
    }
  });
  return std::ranges::count_if(mask, [](std::uint8_t label) { return label != 0; });
}

ChestOptions coarse_chest() {
  ChestOptions options;
  options.spacing = {10, 4, 4};
  return options;
}

std::int64_t expect_like_the_cpu(const ChestOptions& options) {
  return expect_like_the_cpu(make_chest(options).volume);
}

TEST(CudaLungs, OfChestsWithinPaddingAreTheCpus) {
  for (const int padding_hu : {-1000, -2000}) {
    ChestOptions options = coarse_chest();
    options.padding_hu = padding_hu;
    EXPECT_GT(expect_like_the_cpu(options), 1000);
  }
}

TEST(CudaLungs, ThatAreEmphysematousAndThatTheFieldOfViewCutsAreTheCpus) {
  EXPECT_GT(expect_like_the_cpu(emphysematous_and_cut(coarse_chest())), 1000);
}

TEST(CudaLungs, WithNodulesAtTheRibsAreTheCpus) {
  ChestOptions options = coarse_chest();
  for (const double z : {70.0, 130.0}) {
    options.lesions.push_back({-150, 60, z, 25, 30});
    options.lesions.push_back({150, 40, z + 20, 22, 30});
  }
  EXPECT_GT(expect_like_the_cpu(options), 1000);
}

TEST(CudaLungs, ThatTouchEachOtherOrTheStomachAreTheCpus) {
  for (const double gap : {2.5, 0.0}) {
    ChestOptions options = coarse_chest();
    options.gap = gap;
    options.others = {{80, 5, 22, 27, -1000}};
    EXPECT_GT(expect_like_the_cpu(options), 1000);
  }
}

TEST(CudaLungs, OfAChildWithOneLungAreTheCpus) {
  ChestOptions options = coarse_chest();
  options.has_right = false;
  Volume volume = make_chest(options).volume;
  for (double& spacing : volume.geometry.spacing) spacing *= 0.4;
  EXPECT_GT(expect_like_the_cpu(volume), 500);
}

TEST(CudaLungs, AreRefusedInTheCpusWords) {
  ChestOptions options = coarse_chest();
  options.has_left = options.has_right = false;
  options.others = {{40, -20, 100, 45, -1000}};
  Volume volume = make_chest(options).volume;
  EXPECT_EQ(expect_like_the_cpu(volume), 0);
  volume.hu.assign(volume.hu.size(), 40);
  EXPECT_EQ(expect_like_the_cpu(volume), 0);
}

TEST(CudaLungs, OfARealCtAreTheCpus) {
  PLEURA_NEED_SHARED_DATA("lung-masks");
  EXPECT_GT(expect_like_the_cpu(read_ct(shared_data("lung-masks/id001-128x128x64.nii.gz"))), 10'000);
}

}  // namespace
}  // namespace pleura::test
