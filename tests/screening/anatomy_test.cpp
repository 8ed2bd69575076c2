// CTs turned against their header are told from those that are not.
#include "screening/anatomy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "phantom/phantom.hpp"
#include "pleura/pleura.hpp"
#include "shared_data.hpp"
#include "synthetic_chest.hpp"

namespace pleura::screening {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

/// The voxels turned, under the same header.
Volume turned(const Volume& volume, bool front_back, bool head_feet) {
  Volume out = volume;
  const auto [depth, height, width] = volume.geometry.shape;
  for (std::int64_t z = 0; z < depth; ++z)
    for (std::int64_t y = 0; y < height; ++y) {
      const std::int64_t from_z = head_feet ? depth - 1 - z : z, from_y = front_back ? height - 1 - y : y;
      std::copy_n(volume.hu.begin() + (from_z * height + from_y) * width, width,
                  out.hu.begin() + (z * height + y) * width);
    }
  return out;
}

std::vector<std::string> said_of(const Volume& volume) { return contradictions(volume, find_lungs(volume, 2), 2); }

void expect_silence_as_it_is(const Volume& volume) { EXPECT_THAT(said_of(volume), IsEmpty()); }

void expect_warnings_when_turned(const Volume& volume) {
  EXPECT_THAT(said_of(turned(volume, true, false)),
              ElementsAre(AllOf(HasSubstr("spine lies in front of the lungs: front and back seem swapped"))));
  EXPECT_THAT(said_of(turned(volume, false, true)),
              ElementsAre(HasSubstr("trachea lies at the lungs' lower end: head and feet seem swapped")));
  EXPECT_THAT(said_of(turned(volume, true, true)),
              ElementsAre(HasSubstr("in front of the lungs and the trachea at their lower end: the CT seems turned")));
}

void expect_told(const Volume& volume) {
  expect_silence_as_it_is(volume);
  expect_warnings_when_turned(volume);
}

/// A row of balls along z.
void add_rod(test::ChestOptions& options, double x, double y, double low, double high, double radius, int hu) {
  for (double z = low; z <= high; z += radius / 2) options.others.push_back({x, y, z, radius, hu});
}

TEST(Contradictions, OfAChestWhoseVoxelsAreTurned) { expect_told(test::make_chest({}).volume); }

TEST(Contradictions, OfThickAndOfThinSlices) {
  for (const double spacing : {1.0, 10.0}) {
    test::ChestOptions options;
    options.spacing = {spacing, 4, 4};
    expect_told(test::make_chest(options).volume);
  }
}

TEST(Contradictions, OfAChestFullOfContrastMediumArmsBesideIt) {
  test::ChestOptions options;
  options.half_x = 260;
  options.others.push_back({20, -25, 90, 52, 350});                                 // the heart
  add_rod(options, 0, -40, 100, 190, 16, 350);                                      // the ascending aorta
  add_rod(options, 25, 60, 0, 190, 13, 350);                                        // the descending one
  add_rod(options, 0, -112, 60, 220, 9, 400);                                       // the sternum
  for (const double x : {-235.0, 235.0}) add_rod(options, x, 20, 0, 240, 20, 700);  // the arms
  expect_told(test::make_chest(options).volume);
}

TEST(Contradictions, OfAChestWithMetal) {
  test::ChestOptions options;
  for (double z = 60; z <= 220; z += 30) options.others.push_back({0, -112, z, 8, 3000});  // wires of a sternum
  options.others.push_back({110, -105, 190, 22, 3000});                                    // a pacemaker
  expect_told(test::make_chest(options).volume);
}

TEST(Contradictions, OfAProneChestAreThoseOfASupineOne) {
  Volume volume = test::make_chest({}).volume;
  const auto [depth, height, width] = volume.geometry.shape;
  for (std::int64_t z = 0; z < depth; ++z)  // the table of foam in front
    for (std::int64_t y = 0; y < height; ++y) {
      const double mm = volume.geometry.to_world({0, static_cast<double>(y), 0})[1];
      const bool table = mm<-128, air = mm> 130;
      if (table || air) std::fill_n(volume.hu.begin() + (z * height + y) * width, width, table ? -100 : -1000);
    }
  expect_told(volume);
}

TEST(Contradictions, NoneOfPartOfAChest) {
  for (const auto& [low, high] :
       {std::pair{150.0, 240.0}, {100.0, 240.0}, {40.0, 140.0}, {0.0, 100.0}, {60.0, 200.0}}) {
    test::ChestOptions options;
    options.low_z = low;
    options.high_z = high;
    SCOPED_TRACE(std::to_string(low) + " to " + std::to_string(high));
    expect_silence_as_it_is(test::make_chest(options).volume);
  }
}

TEST(Contradictions, NoneWhereTheBowelHoldsGas) {
  test::ChestOptions options;
  options.high_z = 140;  // no trachea to be seen
  add_rod(options, 0, -40, -10, 60, 14, -1000);
  expect_silence_as_it_is(test::make_chest(options).volume);
}

TEST(Contradictions, OfPhantoms) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    phantom::PhantomOptions options;
    options.seed = seed;
    options.acquisition.spacing = {5, 3, 3};
    options.acquisition.matrix = 144;
    SCOPED_TRACE("seed " + std::to_string(seed));
    expect_told(phantom::make_phantom(options).volume);
  }
}

TEST(ContradictionsOfRealCts, AreTold) {
  PLEURA_NEED_SHARED_DATA("lung-masks");
  for (const char* name : {"id001", "id002"}) {
    SCOPED_TRACE(name);
    expect_told(read_ct(test::shared_data("lung-masks") / (std::string(name) + "-128x128x64.nii.gz")));
  }
}

#ifdef PLEURA_WITH_DICOM
TEST(LongContradictionsOfRealCts, AreToldOfDicomSeries) {
  PLEURA_NEED_SHARED_DATA("covid-ct-md");
  for (const char* folder : {"covid-ct-md/P001", "covid-ct-md/normal001", "lung-pet-ct-dx-A0001/series-2"}) {
    SCOPED_TRACE(folder);
    expect_told(read_ct(test::shared_data(folder)));
  }
}
#endif

}  // namespace
}  // namespace pleura::screening
