// The grids and patches that the networks see.
#include "screening/sampling.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "on_cpu.hpp"
#include "synthetic_chest.hpp"

namespace pleura::screening {
namespace {

const test::Chest& chest() {
  static const test::Chest made = test::make_chest({});
  return made;
}

const MaskedLungs& lungs() {
  static const MaskedLungs found = find_lungs(chest().volume, 2);
  return found;
}

/// HU that rise evenly along each axis.
Volume make_ramp(const Geometry& geometry) {
  Volume ramp;
  ramp.geometry = geometry;
  for (std::int64_t z = 0; z < geometry.shape[0]; ++z)
    for (std::int64_t y = 0; y < geometry.shape[1]; ++y)
      for (std::int64_t x = 0; x < geometry.shape[2]; ++x)
        ramp.hu.push_back(static_cast<std::int16_t>(-900 + 10 * z + 4 * y - 3 * x));
  return ramp;
}

TEST(ResampleLungs, MakesAGridAroundTheLungs) {
  weights::SegmenterSettings settings;
  settings.spacing_mm = {3, 2, 2.5};
  const ReadGrid grid = resample_lungs(chest().volume, lungs(), settings, 2);
  const Geometry &to = grid.geometry, &from = chest().volume.geometry;
  EXPECT_EQ(to.spacing, settings.spacing_mm);
  EXPECT_EQ(to.direction, from.direction);
  ASSERT_EQ(static_cast<std::int64_t>(grid.hu.size()), to.voxels());
  ASSERT_EQ(static_cast<std::int64_t>(grid.lungs.size()), to.voxels());
  const WorldBox lung_box = to_world(from, lungs().summary.box), grid_box = to_world(to, {{0, 0, 0}, to.shape});
  for (int k = 0; k < 3; ++k) {
    const double extent = lung_box.high[k] - lung_box.low[k] + 2 * settings.outside_margin_mm,
                 spacing = settings.spacing_mm[2 - k];
    EXPECT_EQ(to.shape[2 - k] % 16, 0);
    EXPECT_GE(static_cast<double>(to.shape[2 - k]) * spacing, extent - 1e-9);
    EXPECT_LT(static_cast<double>(to.shape[2 - k] - 16) * spacing, extent);
    EXPECT_NEAR(grid_box.low[k] + grid_box.high[k], lung_box.low[k] + lung_box.high[k], 1e-9) << "centred";
  }
}

TEST(ResampleLungs, TakesTheNearestLungAndHidesWhatIsFarFromIt) {
  weights::SegmenterSettings settings;
  settings.spacing_mm = {6, 5, 5};
  settings.outside_hu = 17.6;
  const ReadGrid grid = resample_lungs(chest().volume, lungs(), settings, 2);
  settings.outside_hu = NAN;
  const ReadGrid open = resample_lungs(chest().volume, lungs(), settings, 2);
  EXPECT_EQ(open.lungs, grid.lungs);
  const Geometry &to = grid.geometry, &from = chest().volume.geometry;
  std::int64_t hidden = 0;
  std::size_t at = 0;
  for (std::int64_t z = 0; z < to.shape[0]; ++z)
    for (std::int64_t y = 0; y < to.shape[1]; ++y)
      for (std::int64_t x = 0; x < to.shape[2]; ++x, ++at) {
        const auto index =
            from.to_index(to.to_world({static_cast<double>(z), static_cast<double>(y), static_cast<double>(x)}));
        std::uint8_t nearest = 0;
        std::array<std::int64_t, 3> whole{};
        bool inside = true, on_border = false;
        for (int axis = 0; axis < 3; ++axis) {
          whole[axis] = static_cast<std::int64_t>(std::floor(index[axis] + 0.5));
          on_border = on_border || std::abs(index[axis] + 0.5 - std::round(index[axis] + 0.5)) < 1e-6;
          inside = inside && whole[axis] >= 0 && whole[axis] < from.shape[axis];
        }
        if (inside) nearest = lungs().mask[(whole[0] * from.shape[1] + whole[1]) * from.shape[2] + whole[2]];
        if (!on_border) {
          ASSERT_EQ(grid.lungs[at], nearest);
        }
        // Is there lung within the margin of 6 mm?
        bool near = false;
        for (std::int64_t dz = -1; dz <= 1; ++dz)
          for (std::int64_t dy = -1; dy <= 1; ++dy)
            for (std::int64_t dx = -1; dx <= 1; ++dx) {
              const std::int64_t k = z + dz, j = y + dy, i = x + dx;
              if (k < 0 || k >= to.shape[0] || j < 0 || j >= to.shape[1] || i < 0 || i >= to.shape[2]) continue;
              if (36 * dz * dz + 25 * (dy * dy + dx * dx) <= 36)
                near = near || grid.lungs[(k * to.shape[1] + j) * to.shape[2] + i] != 0;
            }
        ASSERT_EQ(grid.hu[at], near ? open.hu[at] : 18);
        hidden += near ? 0 : 1;
      }
  EXPECT_GT(hidden, 1000);
}

TEST(ResampleLungs, KeepsARampAndReadsAirOutsideTheVolume) {
  const Volume ramp = make_ramp(chest().volume.geometry);
  weights::SegmenterSettings settings;
  settings.spacing_mm = {4, 4, 4};
  settings.outside_hu = NAN;
  settings.outside_margin_mm = 100;
  const ReadGrid grid = resample_lungs(ramp, lungs(), settings, 2);
  const Geometry &to = grid.geometry, &from = ramp.geometry;
  std::int64_t kept = 0, outside = 0;
  std::size_t at = 0;
  for (std::int64_t z = 0; z < to.shape[0]; ++z)
    for (std::int64_t y = 0; y < to.shape[1]; ++y)
      for (std::int64_t x = 0; x < to.shape[2]; ++x, ++at) {
        const auto index =
            from.to_index(to.to_world({static_cast<double>(z), static_cast<double>(y), static_cast<double>(x)}));
        bool inner = true, beyond = false;
        for (int axis = 0; axis < 3; ++axis) {
          const auto size = static_cast<double>(from.shape[axis]);
          inner = inner && index[axis] >= 2 && index[axis] <= size - 3;
          beyond = beyond || index[axis] < -0.51 || index[axis] > size - 0.49;
        }
        if (inner) {
          ASSERT_NEAR(grid.hu[at], -900 + 10 * index[0] + 4 * index[1] - 3 * index[2], 2);
        }
        if (beyond) {
          ASSERT_EQ(grid.hu[at], -1024);
        }
        kept += inner ? 1 : 0;
        outside += beyond ? 1 : 0;
      }
  EXPECT_GT(kept, 1000);
  EXPECT_GT(outside, 1000);
}

TEST(ResampleLungs, IsTheSameOnAnyThreads) {
  const ReadGrid once = resample_lungs(chest().volume, lungs(), {}, 1),
                 again = resample_lungs(chest().volume, lungs(), {}, 5);
  EXPECT_EQ(once.hu, again.hu);
  EXPECT_EQ(once.lungs, again.lungs);
}

TEST(CutPatch, IsCentredWhereAsked) {
  Geometry geometry;
  geometry.shape = {3, 50, 60};
  geometry.spacing = {5, 0.8, 0.7};
  const Volume ramp = make_ramp(geometry);
  const std::int64_t pixels = 11;
  const auto patch = cut_patch(ramp, 1, 24.3, 30.6, 17.6, pixels);
  ASSERT_EQ(patch.size(), 121U);
  for (std::int64_t j = 0; j < pixels; ++j)
    for (std::int64_t i = 0; i < pixels; ++i) {
      const double y = 24.3 + static_cast<double>(j - 5) * 1.6 / 0.8, x = 30.6 + static_cast<double>(i - 5) * 1.6 / 0.7;
      EXPECT_NEAR(patch[j * pixels + i], -890 + 4 * y - 3 * x, 0.9) << j << " " << i;
    }
}

TEST(CutPatch, OnTheVolumesOwnGridIsTheVolume) {
  Geometry geometry;
  geometry.shape = {2, 20, 20};
  geometry.spacing = {5, 1, 1};
  const Volume ramp = make_ramp(geometry);
  const auto patch = cut_patch(ramp, 1, 9.5, 10.5, 4, 4);
  for (std::int64_t j = 0; j < 4; ++j)
    for (std::int64_t i = 0; i < 4; ++i) EXPECT_EQ(patch[j * 4 + i], ramp.hu[400 + (8 + j) * 20 + 9 + i]);
}

TEST(CutPatch, ReadsAirOutsideTheVolume) {
  Geometry geometry;
  geometry.shape = {2, 20, 20};
  geometry.spacing = {5, 1, 1};
  const Volume ramp = make_ramp(geometry);
  const auto corner = cut_patch(ramp, 0, 0, 0, 6, 6);
  for (std::int64_t j = 0; j < 6; ++j)
    for (std::int64_t i = 0; i < 6; ++i) EXPECT_EQ(corner[j * 6 + i] == -1024, j < 2 || i < 2) << j << " " << i;
}

}  // namespace
}  // namespace pleura::screening
