#include "screening/patches.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "on_cpu.hpp"
#include "screening/windowing.hpp"

namespace pleura::screening {
namespace {

using Slices = std::array<std::int64_t, kPatchSlices>;

/// 7 slices of 40 x 40 voxels of 1 mm; each voxel tells its slice and column.
Volume ramp() {
  Volume volume;
  volume.geometry.shape = {7, 40, 40};
  volume.geometry.spacing = {5, 1, 1};
  for (std::int64_t z = 0; z < 7; ++z)
    for (std::int64_t i = 0; i < 1600; ++i) volume.hu.push_back(static_cast<std::int16_t>(100 * z + i % 40));
  return volume;
}

/// Lungs that fill rows and columns 5 to 34 of every slice.
Lungs square_lungs(const Volume& volume) {
  Lungs lungs;
  const Index3& shape = volume.geometry.shape;
  lungs.mask.assign(volume.geometry.voxels(), 0);
  for (std::int64_t z = 0; z < shape[0]; ++z) {
    for (std::int64_t y = 5; y < 35; ++y)
      for (std::int64_t x = 5; x < 35; ++x) lungs.mask[(z * shape[1] + y) * shape[2] + x] = x < 20 ? 2 : 1;
    lungs.slice_boxes.push_back({{z, 5, 5}, {z + 1, 35, 35}});
  }
  return lungs;
}

TEST(ApplyWindow, MapsAndClips) {
  const std::array<double, 2> window{-1200, 600};
  EXPECT_EQ(apply_window(-1200, window), -1);
  EXPECT_EQ(apply_window(-300, window), 0);
  EXPECT_EQ(apply_window(600, window), 1);
  EXPECT_EQ(apply_window(-3000, window), -1);
  EXPECT_EQ(apply_window(3000, window), 1);
  EXPECT_FLOAT_EQ(apply_window(150, window), 0.5F);
}

TEST(PatchSlices, TakesTheNearestAndItsNeighbours) {
  EXPECT_EQ(patch_slices(10, 70), (Slices{8, 9, 10, 11, 12}));
  EXPECT_EQ(patch_slices(10.49, 70), (Slices{8, 9, 10, 11, 12}));
  EXPECT_EQ(patch_slices(10.5, 70), (Slices{9, 10, 11, 12, 13}));
}

TEST(PatchSlices, StaysInsideTheVolume) {
  EXPECT_EQ(patch_slices(-3, 70), (Slices{0, 0, 0, 1, 2}));
  EXPECT_EQ(patch_slices(1, 70), (Slices{0, 0, 1, 2, 3}));
  EXPECT_EQ(patch_slices(69.4, 70), (Slices{67, 68, 69, 69, 69}));
  EXPECT_EQ(patch_slices(1e9, 70), (Slices{67, 68, 69, 69, 69}));
  EXPECT_EQ(patch_slices(0, 1), (Slices{0, 0, 0, 0, 0}));
}

TEST(CutRegion, CutsFiveSlicesWithTheirDistances) {
  const Volume volume = ramp();
  const Lungs lungs = square_lungs(volume);
  const RegionPatches region = cut_region(volume, lungs, {3.2, 20, 12}, 8, 4);
  EXPECT_EQ(region.slices, (Slices{1, 2, 3, 4, 5}));
  ASSERT_EQ(region.hu.size(), 5U * 16);
  for (int k = 0; k < kPatchSlices; ++k) {
    const std::vector<std::int16_t> patch = cut_patch(volume, region.slices[k], 20, 12, 8, 4);
    EXPECT_TRUE(std::equal(patch.begin(), patch.end(), region.hu.begin() + k * 16));
  }
  for (int image = 0; image < kImages; ++image)
    EXPECT_EQ(region.distances[image], distance_from_edge(volume, lungs, image + 2, 20, 12));
  EXPECT_GT(region.distances[1], 0);
}

/// One region of 2 x 2 pixels whose slice k reads 100 k + 0..3 HU.
RegionPatches small_region() {
  RegionPatches region;
  for (int k = 0; k < kPatchSlices; ++k)
    for (int i = 0; i < 4; ++i) region.hu.push_back(static_cast<std::int16_t>(100 * k + i));
  region.distances = {0.1, 0.2, 0.3};
  return region;
}

TEST(ClassifierInput, PutsOneSliceUnderThreeWindows) {
  weights::ClassifierSettings settings;
  settings.windows = {{{-1000, 1000}, {0, 1000}, {-1000, 0}}};
  const layers::HostTensor batch = classifier_input({small_region(), small_region()}, settings, 2);
  EXPECT_EQ(batch.shape, (std::array<std::int64_t, 5>{6, 1, 2, 2, 3}));
  ASSERT_EQ(batch.values.size(), 6U * 4 * 3);
  for (int region = 0; region < 2; ++region)
    for (int image = 0; image < 3; ++image)
      for (int i = 0; i < 4; ++i)
        for (int c = 0; c < 3; ++c)
          EXPECT_EQ(batch.values[((region * 3 + image) * 4 + i) * 3 + c],
                    apply_window(100 * (image + 1) + i, settings.windows[c]));
}

TEST(ClassifierInput, PutsASliceBetweenItsNeighbours) {
  weights::ClassifierSettings settings;
  settings.image = weights::PatchImage::neighbours;
  settings.windows = {{{-1000, 1000}, {0, 1}, {0, 1}}};
  const layers::HostTensor batch = classifier_input({small_region()}, settings, 2);
  for (int image = 0; image < 3; ++image)
    for (int i = 0; i < 4; ++i)
      for (int c = 0; c < 3; ++c)
        EXPECT_EQ(batch.values[(image * 4 + i) * 3 + c], apply_window(100 * (image + c) + i, settings.windows[0]));
}

TEST(ClassifierInput, OfNoRegionsIsEmpty) {
  EXPECT_EQ(classifier_input({}, {}, 60).shape[0], 0);
  EXPECT_TRUE(classifier_input({}, {}, 60).values.empty());
}

TEST(NetworkDistances, AreShiftedThenScaled) {
  weights::ClassifierSettings settings;
  settings.distance_shift = 0.1;
  settings.distance_scale = 10;
  const std::vector<float> distances = network_distances({small_region()}, settings);
  ASSERT_EQ(distances.size(), 3U);
  EXPECT_FLOAT_EQ(distances[0], 0);
  EXPECT_FLOAT_EQ(distances[1], 1);
  EXPECT_FLOAT_EQ(distances[2], 2);
}

TEST(NetworkDistances, OfPointsBesideAFewVoxelsOfLungAreBounded) {
  RegionPatches region = small_region();
  region.distances = {0.499, 0.5, 68.2};
  const std::vector<float> distances = network_distances({region}, {.distance_scale = 10, .distance_shift = 0.1});
  EXPECT_FLOAT_EQ(distances[0], 3.99F);
  EXPECT_FLOAT_EQ(distances[1], 4);
  EXPECT_FLOAT_EQ(distances[2], 4);
}

}  // namespace
}  // namespace pleura::screening
