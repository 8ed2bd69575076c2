/// The phantom: its bytes follow from the seed alone, its truth says what its voxels hold.
#include "phantom/phantom.hpp"

#include <gtest/gtest.h>

#include "phantom/truth.hpp"

namespace pleura::phantom {
namespace {

PhantomOptions small(std::uint64_t seed, CaseLabel findings, int threads = 0) {
  PhantomOptions options;
  options.seed = seed;
  options.findings = findings;
  options.acquisition.spacing = {6, 3, 3};
  options.acquisition.matrix = 128;
  options.threads = threads;
  return options;
}

TEST(Phantom, SameSeedGivesSameVoxelsOnAnyNumberOfThreads) {
  const Phantom one = make_phantom(small(5, CaseLabel::covid19, 1)),
                three = make_phantom(small(5, CaseLabel::covid19, 3));
  EXPECT_EQ(one.volume.hu, three.volume.hu);
  EXPECT_EQ(one.lungs, three.lungs);
  EXPECT_EQ(truth_json(one, 5), truth_json(three, 5));
  EXPECT_NE(one.volume.hu, make_phantom(small(6, CaseLabel::covid19)).volume.hu);
}

TEST(Phantom, RegionsLieInTheLungsAndDifferFromTheHealthyPatient) {
  for (const CaseLabel label : {CaseLabel::covid19, CaseLabel::influenza_a}) {
    PhantomOptions options = small(11, label);
    const Phantom ill = make_phantom(options);
    options.lesions = false;
    const Phantom well = make_phantom(options);
    ASSERT_FALSE(ill.regions.empty());
    EXPECT_TRUE(well.regions.empty());
    std::vector<double> change(ill.regions.size(), 0), voxels(ill.regions.size(), 0);
    for (std::size_t i = 0; i < ill.volume.hu.size(); ++i) {
      if (ill.lesions[i] == 0) continue;
      EXPECT_NE(ill.lungs[i], 0);
      change[ill.lesions[i] - 1] += ill.volume.hu[i] - well.volume.hu[i];
      voxels[ill.lesions[i] - 1] += 1;
    }
    for (std::size_t k = 0; k < ill.regions.size(); ++k) {
      if (ill.regions[k].label == Label::irrelevant) continue;
      EXPECT_GT(change[k] / voxels[k], 60) << ill.regions[k].kind;
    }
  }
}

}  // namespace
}  // namespace pleura::phantom
