#include "screening/patches.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/window.hpp"
#include "on_cpu.hpp"

namespace pleura::screening {
namespace {

using kernels::apply_window;
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
MaskedLungs square_lungs(const Volume& volume) {
  MaskedLungs lungs;
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
  const MaskedLungs lungs = square_lungs(volume);
  const ReadPatches region = cut_region(volume, lungs, {3.2, 20, 12}, 8, 4);
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

/// Images `first` and on of two regions of 2 x 2 pixels whose slice k reads 100 k + 0..3 HU, (n, 2, 2, 3).
std::vector<float> classifier_input(const weights::ClassifierSettings& settings, std::int64_t first, std::int64_t n) {
  const kernels::OpenDevice cpu = kernels::open_device("cpu", 2);
  const auto on = cpu.instrument();
  std::vector<std::int16_t> hu;
  for (int k = 0; k < 2 * kPatchSlices; ++k)
    for (int i = 0; i < 4; ++i) hu.push_back(static_cast<std::int16_t>(100 * (k % kPatchSlices) + i));
  std::vector<float> values(static_cast<std::size_t>(n * 12), NAN);
  on->window(on->take(hu, {2 * kPatchSlices, 2, 2}), first, image_channels(settings),
             {runtime::dense(runtime::DType::f32, {n, 1, 2, 2, 3}), values.data()});
  return values;
}

TEST(ClassifierInput, PutsOneSliceUnderThreeWindows) {
  weights::ClassifierSettings settings;
  settings.windows = {{{-1000, 1000}, {0, 1000}, {-1000, 0}}};
  const std::vector<float> batch = classifier_input(settings, 0, 6);
  for (int region = 0; region < 2; ++region)
    for (int image = 0; image < 3; ++image)
      for (int i = 0; i < 4; ++i)
        for (int c = 0; c < 3; ++c)
          EXPECT_EQ(batch[((region * 3 + image) * 4 + i) * 3 + c],
                    apply_window(100 * (image + 1) + i, settings.windows[c]));
}

TEST(ClassifierInput, PutsASliceBetweenItsNeighbours) {
  weights::ClassifierSettings settings;
  settings.image = weights::PatchImage::neighbours;
  settings.windows = {{{-1000, 1000}, {0, 1}, {0, 1}}};
  const std::vector<float> batch = classifier_input(settings, 0, 3);
  for (int image = 0; image < 3; ++image)
    for (int i = 0; i < 4; ++i)
      for (int c = 0; c < 3; ++c)
        EXPECT_EQ(batch[(image * 4 + i) * 3 + c], apply_window(100 * (image + c) + i, settings.windows[0]));
}

TEST(ClassifierInput, GoesOnFromAnyImageAndEndsInZeros) {
  const std::vector<float> all = classifier_input({}, 0, 6), rest = classifier_input({}, 4, 6);
  EXPECT_TRUE(std::equal(all.begin() + 48, all.end(), rest.begin()));
  EXPECT_TRUE(std::all_of(rest.begin() + 24, rest.end(), [](float value) { return value == 0; }));
}

TEST(NetworkDistances, AreShiftedThenScaled) {
  weights::ClassifierSettings settings;
  settings.distance_shift = 0.1;
  settings.distance_scale = 10;
  const std::vector<float> distances = network_distances({RegionPatches{{}, {0.1, 0.2, 0.3}}}, settings);
  ASSERT_EQ(distances.size(), 3U);
  EXPECT_FLOAT_EQ(distances[0], 0);
  EXPECT_FLOAT_EQ(distances[1], 1);
  EXPECT_FLOAT_EQ(distances[2], 2);
}

TEST(NetworkDistances, OfPointsBesideAFewVoxelsOfLungAreBounded) {
  const RegionPatches region{{}, {0.499, 0.5, 68.2}};
  const std::vector<float> distances = network_distances({region}, {.distance_scale = 10, .distance_shift = 0.1});
  EXPECT_FLOAT_EQ(distances[0], 3.99F);
  EXPECT_FLOAT_EQ(distances[1], 4);
  EXPECT_FLOAT_EQ(distances[2], 4);
}

}  // namespace
}  // namespace pleura::screening
