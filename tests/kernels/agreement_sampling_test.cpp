// The grids and patches that the networks see: the same HU, labels and distances, to the last bit, on every device.
#include <gtest/gtest.h>

#include "kernels/instruments.hpp"
#include "screening/patches.hpp"
#include "screening/sampling.hpp"
#include "screening/synthetic_chest.hpp"

namespace pleura::test {
namespace {

using kernels::Instrument;
using kernels::Resample;
using kernels::ResampleAxis;

std::vector<std::uint8_t> draw_labels(Random& random, const Index3& shape, std::int64_t of_thousand) {
  std::vector<std::uint8_t> labels;
  for (std::int64_t i = 0; i < voxels(shape); ++i)
    labels.push_back(random(0, 999) < of_thousand ? static_cast<std::uint8_t>(random(1, 2)) : 0);
  return labels;
}

void expect_resampled(InstrumentPair& on, const Index3& shape, const Resample& how, std::uint32_t seed) {
  const auto hu = random_hu(voxels(shape), seed);
  on.both([&](Instrument& one) { return one.read(one.resample(one.take(hu, shape), how)); });
}

TEST_P(InstrumentsAgree, OnResampledHu) {
  Random random;
  InstrumentPair on(GetParam());
  for (int i = 0; i < 25; ++i) {
    const Index3 shape{random(1, 9), random(1, 12), random(1, 14)};
    Resample how{{}, static_cast<std::int16_t>(random(-2000, 0))};
    std::string text;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      // In halves too, where many sums lie amid two whole HU.
      how.axes[axis] = i % 2 == 0 ? ResampleAxis{random(-300, 900), random(20, 400), random(1, 9), 100}
                                  : ResampleAxis{random(-2, 9), random(1, 2), random(1, 9), 2};
      text += ' ';
      text += std::to_string(shape[axis]) + ": " + std::to_string(how.axes[axis].first) + " + " +
              std::to_string(how.axes[axis].count) + " * " + std::to_string(how.axes[axis].step) + " of " +
              std::to_string(how.axes[axis].unit);
    }
    SCOPED_TRACE(random.trace(text));
    expect_resampled(on, shape, how, static_cast<std::uint32_t>(i));
  }
}

TEST_P(InstrumentsAgree, OnWhatLiesFarFromTheVolume) {
  InstrumentPair on(GetParam());
  expect_resampled(on, {2, 3, 4}, {{ResampleAxis{0, 1, 2}, {0, 1, 3}, {50, 1, 5}}, -1024}, 1);
  expect_resampled(on, {2, 3, 4}, {{ResampleAxis{-9, 1, 2}, {0, 1, 3}, {0, 1, 5}}, -1024}, 2);
}

TEST_P(InstrumentsAgree, OnSampledLabels) {
  Random random;
  InstrumentPair on(GetParam());
  for (const Index3& shape : shapes(random)) {
    const auto mask = draw_labels(random, shape, 600);
    std::array<ResampleAxis, 3> axes;
    for (auto& axis : axes)  // halves and quarters: samples amid two voxels are among them
      axis = {random(-12, 8), random(1, 12), random(1, 20), 4};
    SCOPED_TRACE(random.trace(name(shape) + " x from " + std::to_string(axes[2].first) + " quarters"));
    on.both([&](Instrument& one) { return one.read(one.sample(one.take(mask, shape), axes)); });
  }
}

TEST_P(InstrumentsAgree, OnHuFarFromLabels) {
  Random random;
  InstrumentPair on(GetParam());
  for (const Index3& shape : {Index3{1, 1, 1}, {1, 1, 90}, {1, 40, 1}, {23, 1, 1}, {5, 7, 33}, {6, 13, 17}})
    for (const std::int64_t of_thousand : {0, 5, 300, 1000})
      for (const std::array<std::int64_t, 3>& spacing :
           {std::array<std::int64_t, 3>{1, 1, 1}, {5000, 842, 701}, {600, 3000, 2999}}) {
        SCOPED_TRACE(random.trace(name(shape) + " with labels " + std::to_string(of_thousand)));
        const auto labels = draw_labels(random, shape, of_thousand);
        const std::vector<std::int16_t> hu(labels.size(), 7);
        for (const std::int64_t steps : {1, 2, 5})
          on.both([&](Instrument& one) {
            return one.read(
                one.fill_far(one.take(hu, shape), one.take(labels, shape), spacing, steps * spacing[1], -800));
          });
      }
}

TEST_P(InstrumentsAgree, OnDistancesFromTheEdge) {
  Random random;
  InstrumentPair on(GetParam());
  for (const Index3& shape : voxel_shapes())
    for (const std::int64_t of_thousand : {4, 300, 970, 1000}) {
      SCOPED_TRACE(random.trace(name(shape) + " with labels " + std::to_string(of_thousand)));
      const auto labels = draw_labels(random, shape, of_thousand);
      std::vector<kernels::EdgePoint> points;
      for (int i = 0; i < 9; ++i) {
        const std::int64_t low_y = random(0, shape[1] - 1), low_x = random(0, shape[2] - 1);
        points.push_back({random(0, shape[0] - 1),
                          static_cast<double>(random(-500, 100 * shape[1] + 500)) / 100,
                          static_cast<double>(random(-500, 100 * shape[2] + 500)) / 100,
                          {low_y, low_x},
                          {random(low_y, shape[1]), random(low_x + 1, shape[2])}});
      }
      const std::array<double, 2> spacing{static_cast<double>(random(30, 300)) / 100,
                                          static_cast<double>(random(30, 300)) / 100};
      on.both([&](Instrument& one) { return one.distances_from_edge(one.take(labels, shape), spacing, points); });
    }
}

TEST_P(InstrumentsAgree, OnPatches) {
  Random random;
  InstrumentPair on(GetParam());
  for (const Index3& shape : {Index3{1, 1, 1}, {1, 9, 1}, {2, 1, 17}, {7, 13, 21}, {9, 30, 25}})
    for (const std::int64_t pixels : {1, 2, 7, 20}) {
      SCOPED_TRACE(random.trace(name(shape) + ", " + std::to_string(pixels) + " pixels"));
      const auto hu = random_hu(voxels(shape), static_cast<std::uint32_t>(random(0, 1 << 30)));
      std::vector<kernels::PatchRegion> regions;
      for (std::int64_t i = random(0, 3); i >= 0; --i) {
        const auto axis = [&](std::int64_t size) {  // some beyond the volume
          const double centre = static_cast<double>(random(-300, 100 * size + 200)) / 100;
          return screening::patch_axis(centre, static_cast<double>(random(30, 250)) / 100,
                                       static_cast<double>(random(20, 300)) / 10, pixels);
        };
        regions.push_back({screening::patch_slices(static_cast<double>(random(-1, shape[0])), shape[0]), axis(shape[1]),
                           axis(shape[2])});
      }
      on.both([&](Instrument& one) { return one.read(one.cut(one.take(hu, shape), regions, -1024)); });
    }
}

TEST_P(InstrumentsAgree, OnTheGridAndPatchesOfAChest) {
  ChestOptions options;
  options.spacing = {10, 4, 4};
  const Volume volume = make_chest(options).volume;
  const screening::MaskedLungs lungs = screening::find_lungs(volume, 1);
  InstrumentPair on(GetParam());
  on.both([&](Instrument& one) {
    screening::Lungs here = lungs;
    here.labels = one.take(lungs.mask, volume.geometry.shape);
    const kernels::Hu hu = one.take(volume.hu, volume.geometry.shape);
    const auto grid = screening::resample_lungs(one, hu, volume.geometry, here, {});
    const auto patches = screening::cut_regions(one, hu, volume.geometry, here,
                                                {{10.2, 40.4, 30.9}, {-3, 2, 500}, {12, 33, 64.5}}, 60, 20);
    std::vector<double> distances;
    for (const auto& region : patches.regions)
      distances.insert(distances.end(), region.distances.begin(), region.distances.end());
    return std::tuple(one.read(grid.hu), one.read(grid.lungs), one.read(patches.hu), distances);
  });
}

}  // namespace
}  // namespace pleura::test
