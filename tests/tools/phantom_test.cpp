/// The phantom: its bytes follow from the seed alone, its truth says what its voxels hold.
#include "phantom/phantom.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "phantom/truth.hpp"
#include "screening/lungs.hpp"

namespace pleura::phantom {
namespace {

PhantomOptions small(std::uint64_t seed, CaseLabel findings, int threads = 0) {
  PhantomOptions options;
  options.seed = seed;
  options.findings = findings;
  options.acquisition.spacing = {9, 4.4, 4.4};
  options.acquisition.matrix = 80;
  options.threads = threads;
  return options;
}

double median(std::vector<std::int16_t> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

TEST(Phantom, SameSeedGivesSameVoxelsOnAnyNumberOfThreads) {
  const Phantom one = make_phantom(small(5, CaseLabel::covid19, 1));
  const Phantom three = make_phantom(small(5, CaseLabel::covid19, 3));
  EXPECT_EQ(one.volume.hu, three.volume.hu);
  EXPECT_EQ(one.lungs, three.lungs);
  EXPECT_EQ(one.lesions, three.lesions);
  EXPECT_EQ(truth_json(one, 5), truth_json(three, 5));
  EXPECT_NE(one.volume.hu, make_phantom(small(6, CaseLabel::covid19)).volume.hu);
}

TEST(Phantom, RegionsLieInTheLungsAndDifferFromTheHealthyPatient) {
  for (const CaseLabel label : {CaseLabel::covid19, CaseLabel::influenza_a}) {
    PhantomOptions options = small(11, label);
    const Phantom ill = make_phantom(options);
    options.lesions = false;
    const Phantom well = make_phantom(options);
    EXPECT_TRUE(well.regions.empty());
    EXPECT_EQ(ill.lungs, well.lungs);
    std::vector<double> change(ill.regions.size(), 0), voxels(ill.regions.size(), 0);
    for (std::size_t i = 0; i < ill.volume.hu.size(); ++i) {
      if (ill.lesions[i] == 0) continue;
      EXPECT_NE(ill.lungs[i], 0);
      change[ill.lesions[i] - 1] += ill.volume.hu[i] - well.volume.hu[i];
      voxels[ill.lesions[i] - 1] += 1;
    }
    int infected = 0;
    for (std::size_t k = 0; k < ill.regions.size(); ++k) {
      if (ill.regions[k].label == Label::irrelevant) continue;
      ++infected;
      EXPECT_EQ(ill.regions[k].label == Label::covid19, label == CaseLabel::covid19);
      EXPECT_GT(change[k] / voxels[k], 60) << ill.regions[k].kind;
    }
    EXPECT_GT(infected, 0);
  }
}

TEST(Phantom, BoxesAreTightAroundTheVoxelsOfEachRegion) {
  const Phantom phantom = make_phantom(small(12, CaseLabel::influenza_a));
  const Geometry& geometry = phantom.volume.geometry;
  ASSERT_FALSE(phantom.regions.empty());
  for (std::size_t k = 0; k < phantom.regions.size(); ++k) {
    const TrueRegion& region = phantom.regions[k];
    std::array<std::set<std::int64_t>, 3> seen;
    std::int64_t voxels = 0;
    for (std::int64_t i = 0; i < geometry.voxels(); ++i) {
      if (phantom.lesions[i] != k + 1) continue;
      ++voxels;
      seen[2].insert(i % geometry.shape[2]);
      seen[1].insert(i / geometry.shape[2] % geometry.shape[1]);
      seen[0].insert(i / geometry.shape[2] / geometry.shape[1]);
    }
    ASSERT_GT(voxels, 0);
    for (int axis = 0; axis < 3; ++axis) {
      EXPECT_EQ(region.box_voxels.low[axis], *seen[axis].begin());
      EXPECT_EQ(region.box_voxels.high[axis], *seen[axis].rbegin() + 1);
      EXPECT_GT(region.centre[axis], region.box_mm.low[axis]);
      EXPECT_LT(region.centre[axis], region.box_mm.high[axis]);
    }
    EXPECT_EQ(region.box_mm, to_world(geometry, region.box_voxels));
    EXPECT_NEAR(region.volume_ml, static_cast<double>(voxels) * 9 * 4.4 * 4.4 * 1e-3, 1e-9);
  }
}

TEST(Phantom, TissuesHaveTheirDensities) {
  PhantomOptions options = small(3, CaseLabel::no_infection_found);
  options.acquisition.noise = 0;
  const Phantom phantom = make_phantom(options);
  const Geometry& geometry = phantom.volume.geometry;
  std::vector<std::int16_t> lung;
  for (std::size_t i = 0; i < phantom.lungs.size(); ++i) {
    if (phantom.lungs[i] != 0) lung.push_back(phantom.volume.hu[i]);
  }
  EXPECT_GT(median(lung), -920);
  EXPECT_LT(median(lung), -790);
  const auto at = [&](Point3 point) {
    const auto index = geometry.to_index(point);
    const auto z = std::lround(index[0]), y = std::lround(index[1]), x = std::lround(index[2]);
    return phantom.volume.hu[(z * geometry.shape[1] + y) * geometry.shape[2] + x];
  };
  EXPECT_GT(at({15, -30, -65}), 20) << "heart";
  EXPECT_LT(at({15, -30, -65}), 260) << "heart";
  EXPECT_LT(at({1, 8, 60}), -700) << "trachea";
  EXPECT_GT(at({-60, 0, -150}), 20) << "liver";
  EXPECT_LT(at({-60, 0, -150}), 90) << "liver";
  EXPECT_LT(at({0, -165, 0}), -950) << "air in front of the chest";
  EXPECT_GT(*std::max_element(phantom.volume.hu.begin(), phantom.volume.hu.end()), 300) << "bone";
  EXPECT_LE(phantom.volume.hu.front(), -1024) << "padding";
  EXPECT_GT(phantom.left_litres, 1);
  EXPECT_LT(phantom.left_litres, 4.5);
  EXPECT_GT(phantom.right_litres, 1);
  EXPECT_LT(phantom.right_litres, 4.5);
}

TEST(Phantom, LungsAreThoseThatScreeningFinds) {
  const Phantom phantom = make_phantom(small(21, CaseLabel::covid19));
  const screening::MaskedLungs found = screening::find_lungs(phantom.volume, 0);
  std::int64_t both = 0, either = 0;
  for (std::size_t i = 0; i < phantom.lungs.size(); ++i) {
    both += 2 * (phantom.lungs[i] != 0 && phantom.lungs[i] == found.mask[i] ? 1 : 0);
    either += (phantom.lungs[i] != 0 ? 1 : 0) + (found.mask[i] != 0 ? 1 : 0);
  }
  EXPECT_GE(static_cast<double>(both) / static_cast<double>(either), 0.93);
}

TEST(Phantom, SlicesAndProgressAreAsAsked) {
  PhantomOptions options = small(4, CaseLabel::no_infection_found);
  options.acquisition.slices = 11;
  double last = -1;
  const Phantom phantom = make_phantom(options, [&](std::string_view, double done) {
    EXPECT_GE(done, last);
    EXPECT_LT(done, 1);
    last = done;
  });
  EXPECT_GE(last, 0);
  EXPECT_EQ(phantom.volume.geometry.shape, (Index3{11, 80, 80}));
  EXPECT_EQ(phantom.volume.geometry.spacing, (std::array<double, 3>{9, 4.4, 4.4}));
}

}  // namespace
}  // namespace pleura::phantom
