// The lungs' region on chests whose truth is known.
#include "screening/lungs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "on_cpu.hpp"
#include "pleura/error.hpp"
#include "synthetic_chest.hpp"

namespace pleura::screening {
namespace {

using test::Chest;
using test::ChestOptions;
using test::dice;
using test::make_chest;
using test::share;

/// What every lung region must satisfy, however it was found.
void expect_consistent(const Volume& volume, const MaskedLungs& lungs) {
  const auto [depth, height, width] = volume.geometry.shape;
  ASSERT_EQ(lungs.mask.size(), volume.hu.size());
  ASSERT_EQ(static_cast<std::int64_t>(lungs.slice_boxes.size()), depth);
  std::array<std::int64_t, 3> voxels{};
  VoxelBox all{volume.geometry.shape, {0, 0, 0}};
  for (std::int64_t z = 0; z < depth; ++z) {
    VoxelBox box{{z, height, width}, {z + 1, 0, 0}};
    for (std::int64_t y = 0; y < height; ++y)
      for (std::int64_t x = 0; x < width; ++x) {
        const int label = lungs.mask[(z * height + y) * width + x];
        ASSERT_LE(label, 2);
        ++voxels[label];
        if (label == 0) continue;
        box.low = {z, std::min(box.low[1], y), std::min(box.low[2], x)};
        box.high = {z + 1, y + 1, std::max(box.high[2], x + 1)};
      }
    if (box.high[1] == 0) {
      EXPECT_EQ(lungs.slice_boxes[z].low, lungs.slice_boxes[z].high);
      continue;
    }
    EXPECT_EQ(lungs.slice_boxes[z], box) << "slice " << z;
    for (int axis = 0; axis < 3; ++axis) {
      all.low[axis] = std::min(all.low[axis], box.low[axis]);
      all.high[axis] = std::max(all.high[axis], box.high[axis]);
    }
  }
  EXPECT_EQ(lungs.summary.box, all);
  const double litre = volume.geometry.spacing[0] * volume.geometry.spacing[1] * volume.geometry.spacing[2] * 1e-6;
  EXPECT_NEAR(lungs.summary.left_litres, static_cast<double>(voxels[1]) * litre, 1e-9);
  EXPECT_NEAR(lungs.summary.right_litres, static_cast<double>(voxels[2]) * litre, 1e-9);
}

/// Both lungs of a chest found, trachea, table and others left out, lesions kept.
void expect_found(const ChestOptions& options, double least_dice, double most_airway = 0.1) {
  const Chest chest = make_chest(options);
  const MaskedLungs lungs = find_lungs(chest.volume, 2);
  expect_consistent(chest.volume, lungs);
  const auto in_mask = [&](std::size_t i) { return lungs.mask[i] != 0; };
  EXPECT_GE(dice(lungs.mask, chest.truth, 1), least_dice) << "left";
  EXPECT_GE(dice(lungs.mask, chest.truth, 2), least_dice) << "right";
  EXPECT_LE(share(chest.airway, in_mask), most_airway) << "of the airways";
  EXPECT_LE(share(chest.others, in_mask), 0.02) << "of the table and of others";
  for (std::size_t i = 0; i < options.lesions.size(); ++i) {
    std::vector<std::uint8_t> lesion(chest.lesions.size());
    for (std::size_t k = 0; k < lesion.size(); ++k) lesion[k] = chest.lesions[k] == i + 1 ? 1 : 0;
    // A hull's edge is straight: of a lesion at a curved rib it leaves out what bulges beyond.
    EXPECT_GE(share(lesion, in_mask), 0.65) << "of lesion " << i;
  }
}

TEST(FindLungs, AtEverySpacing) {
  for (const std::array<double, 3>& spacing :
       {std::array<double, 3>{5, 2.5, 2.5}, {8, 3, 3}, {2, 2, 2.7}, {5, 0.9, 0.9}}) {
    SCOPED_TRACE(testing::Message() << spacing[0] << " x " << spacing[1] << " x " << spacing[2]);
    ChestOptions options;
    options.spacing = spacing;
    expect_found(options, 0.97);
  }
}

TEST(FindLungs, OfThinSlices) {
  ChestOptions options;
  options.spacing = {0.6, 2, 2};
  options.low_z = 100;
  options.high_z = 170;
  expect_found(options, 0.97);
}

TEST(FindLungs, KeepsConsolidationAtThePleuraAndInTheMiddle) {
  ChestOptions options;
  options.lesions = {{130, 40, 120, 25, 30},
                     {-140, 5, 140, 22, 40},
                     {90, 90, 100, 28, -100},
                     {-80, -80, 110, 20, 20},
                     {-60, 20, 80, 15, 50}};
  expect_found(options, 0.97);
}

TEST(FindLungs, KeepsGroundGlass) {
  ChestOptions options;
  options.lesions = {{120, 50, 120, 30, -500}, {-120, 50, 140, 30, -350}, {-60, 80, 100, 25, -650}};
  expect_found(options, 0.97);
}

TEST(FindLungs, LeavesBowelGasOut) {
  ChestOptions options;
  options.others = {{70, -40, 12, 24, -1000}, {-20, -70, 8, 14, -1000}, {30, -60, 10, 12, -980}};
  expect_found(options, 0.97);
}

TEST(FindLungs, PartsTheStomachFromALungThatItTouches) {
  ChestOptions options;
  options.others = {{80, 5, 22, 27, -1000}};
  expect_found(options, 0.96);
}

TEST(FindLungs, KeepsABulla) {
  ChestOptions options;
  options.lesions = {{90, 10, 130, 25, -1000}};
  expect_found(options, 0.97);
}

TEST(FindLungs, HandlesPaddingOutsideTheFieldOfView) {
  for (const int padding : {-1024, -2000, -3024}) {
    ChestOptions options;
    options.padding_hu = padding;
    expect_found(options, 0.97);
  }
}

TEST(FindLungs, HandlesAFieldOfViewThatCutsTheLungs) {
  ChestOptions options;
  options.half_x = 125;
  options.low_y = -80;
  options.high_y = 80;
  expect_found(options, 0.96);
}

TEST(FindLungs, HandlesPartsOfTheThorax) {
  for (const auto& [low, high] : std::vector<std::pair<double, double>>{{0, 120}, {120, 240}, {100, 150}}) {
    SCOPED_TRACE(testing::Message() << low << " to " << high);
    ChestOptions options;
    options.low_z = low;
    options.high_z = high;
    // Without a trachea the bronchi are not known.
    expect_found(options, 0.96, low == 120 ? 0.1 : 1);
  }
}

TEST(FindLungs, PartsLungsThatTouchInFront) {
  for (const double gap : {5.0, 2.5, 0.0}) {
    SCOPED_TRACE(gap);
    ChestOptions options;
    options.gap = gap;
    expect_found(options, 0.95);
  }
}

TEST(FindLungs, KnowsTheSideOfASingleLung) {
  for (const bool left : {true, false}) {
    ChestOptions options;
    (left ? options.has_right : options.has_left) = false;
    const Chest chest = make_chest(options);
    const MaskedLungs lungs = find_lungs(chest.volume, 2);
    expect_consistent(chest.volume, lungs);
    EXPECT_GE(dice(lungs.mask, chest.truth, left ? 1 : 2), 0.97);
    EXPECT_EQ(left ? lungs.summary.right_litres : lungs.summary.left_litres, 0);
  }
}

TEST(FindLungs, LeavesAirBetweenArmsAndBodyOut) {
  ChestOptions options;
  options.half_x = 240;
  // Arms of balls at the body's side, with air enclosed between.
  for (double z = 0; z < 240; z += 10)
    for (double y = -40; y <= 60; y += 10)
      options.others.push_back({(y > -30 && y < 50) ? 205.0 : 185.0, y, z, 14, 40});
  expect_found(options, 0.97);
}

TEST(FindLungs, IsTheSameOnAnyThreads) {
  ChestOptions options;
  options.gap = 0;
  options.lesions = {{130, 40, 120, 25, 30}};
  const Chest chest = make_chest(options);
  const MaskedLungs once = find_lungs(chest.volume, 1);
  for (const int threads : {2, 5}) {
    const MaskedLungs again = find_lungs(chest.volume, threads);
    EXPECT_EQ(again.mask, once.mask);
    EXPECT_EQ(again.slice_boxes, once.slice_boxes);
    EXPECT_EQ(again.summary.left_litres, once.summary.left_litres);
  }
}

void expect_refused(const Volume& volume) {
  try {
    static_cast<void>(find_lungs(volume, 2));
    FAIL() << "not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::input_refused);
    EXPECT_THAT(error.what(), testing::HasSubstr("no lungs found"));
    EXPECT_THAT(error.what(), testing::HasSubstr(" ml"));
    EXPECT_THAT(error.what(), testing::HasSubstr("expected"));
  }
}

TEST(FindLungs, RefusesWhatHasNone) {
  ChestOptions options;
  options.has_left = options.has_right = false;
  options.others = {{40, -20, 100, 45, -1000}};
  Chest chest = make_chest(options);
  expect_refused(chest.volume);
  for (const int hu : {-1000, 40, -3024, -700}) {
    chest.volume.hu.assign(chest.volume.hu.size(), static_cast<std::int16_t>(hu));
    expect_refused(chest.volume);
  }
}

TEST(DistanceFromEdge, OfARectangleByHand) {
  Volume volume;
  volume.geometry.shape = {2, 30, 40};
  volume.geometry.spacing = {5, 2, 1};
  MaskedLungs lungs;
  lungs.mask.resize(2 * 30 * 40);
  for (std::int64_t y = 10; y < 20; ++y)
    for (std::int64_t x = 5; x < 30; ++x) lungs.mask[(30 + y) * 40 + x] = x < 18 ? 2 : 1;
  lungs.slice_boxes = {{{0, 0, 0}, {0, 0, 0}}, {{1, 10, 5}, {2, 20, 30}}};
  const double diagonal = std::hypot(20, 25);
  EXPECT_DOUBLE_EQ(distance_from_edge(volume, lungs, 1, 14, 17), 8 / diagonal)
      << "four rows of 2 mm to the row of y = 10";
  EXPECT_DOUBLE_EQ(distance_from_edge(volume, lungs, 1, 14.5, 8.25), std::hypot(1, 3.25) / diagonal);
  EXPECT_DOUBLE_EQ(distance_from_edge(volume, lungs, 1, 19, 17), 0)
      << "on the edge; where the lungs meet there is none";
  EXPECT_DOUBLE_EQ(distance_from_edge(volume, lungs, 1, 23, 33), std::hypot(8, 4) / diagonal) << "outside";
  EXPECT_EQ(distance_from_edge(volume, lungs, 0, 14, 17), 0) << "no lung in the slice";
}

TEST(DistanceFromEdge, IsTheNaiveOne) {
  const Chest chest = make_chest({});
  const MaskedLungs lungs = find_lungs(chest.volume, 2);
  const auto [depth, height, width] = chest.volume.geometry.shape;
  std::mt19937 random(3);
  for (int repeat = 0; repeat < 40; ++repeat) {
    const std::int64_t z = random() % depth;
    const double y = static_cast<double>(random() % 1000) / 1000 * static_cast<double>(height);
    const double x = static_cast<double>(random() % 1000) / 1000 * static_cast<double>(width);
    const auto in_lung = [&, rows = height, columns = width](std::int64_t v, std::int64_t u) {
      return v >= 0 && v < rows && u >= 0 && u < columns && lungs.mask[(z * rows + v) * columns + u] != 0;
    };
    double nearest = 1e30;
    for (std::int64_t v = 0; v < height; ++v)
      for (std::int64_t u = 0; u < width; ++u)
        if (in_lung(v, u) && !(in_lung(v - 1, u) && in_lung(v + 1, u) && in_lung(v, u - 1) && in_lung(v, u + 1)))
          nearest =
              std::min(nearest, std::hypot((static_cast<double>(v) - y) * 2.5, (static_cast<double>(u) - x) * 2.5));
    const VoxelBox& box = lungs.slice_boxes[z];
    const double diagonal = std::hypot(box.high[1] - box.low[1], box.high[2] - box.low[2]) * 2.5;
    EXPECT_NEAR(distance_from_edge(chest.volume, lungs, z, y, x), box.low == box.high ? 0 : nearest / diagonal, 1e-12);
  }
}

}  // namespace
}  // namespace pleura::screening
