#include "report/slice_view.hpp"

#include <gtest/gtest.h>

#include "report/made_up.hpp"
#include "report/marks.hpp"
#include "report/pixels.hpp"

namespace pleura::report {
namespace {

using test::count;
using test::kRed;

const VoxelBox kWhole{{0, 0, 0}, {12, 40, 60}};
constexpr Colour kGreen{0, 255, 0};

bool is_grey(Colour c) { return c.red == c.green && c.green == c.blue; }

TEST(SliceView, ShowsTheLungWindowInTrueProportions) {
  const Screening screening = test::made_up_screening(false);
  const SliceView axial(screening, Plane::axial, 5, kWhole, 2);
  EXPECT_EQ(axial.picture().width(), 240);  // 60 voxels of 2 mm at 2 pixels a mm
  EXPECT_EQ(axial.picture().height(), 160);
  EXPECT_EQ(axial.picture().at(2, 2), (Colour{236, 236, 236}));  // 40 HU: 1390 / 1500 * 255
  EXPECT_EQ(axial.picture().at(60, 80), (Colour{85, 85, 85}));   // -850 HU: 500 / 1500 * 255
  const SliceView coronal(screening, Plane::coronal, 20, kWhole, 2);
  EXPECT_EQ(coronal.picture().width(), 240);
  EXPECT_EQ(coronal.picture().height(), 120);  // 12 slices of 5 mm
}

TEST(SliceView, DrawsTheLungsOutlineOnTheirBorder) {
  const Screening screening = test::made_up_screening(false);
  const Picture picture = SliceView(screening, Plane::axial, 5, kWhole, 2).picture();
  // The right lung's left face lies between voxels 7 and 8, at pixel 8 * 4 = 32.
  for (int x = 0; x < 60; ++x) EXPECT_EQ(is_grey(picture.at(x, 80)), x != 32) << x;
  const Picture outside = SliceView(screening, Plane::axial, 0, kWhole, 2).picture();
  for (int x = 0; x < 240; ++x) ASSERT_TRUE(is_grey(outside.at(x, 80)));
}

TEST(SliceView, PutsTheHeadOnTopOfACoronalSlice) {
  Screening screening = test::made_up_screening(false);
  screening.lungs.clear();
  const Index3& shape = screening.volume.geometry.shape;
  for (std::int64_t i = 0; i < shape[1] * shape[2]; ++i)
    screening.volume.hu[static_cast<std::size_t>(11 * shape[1] * shape[2] + i)] = 3000;  // the highest slice
  const Picture picture = SliceView(screening, Plane::coronal, 2, kWhole, 2).picture();
  EXPECT_EQ(picture.at(100, 2).red, 255);
  EXPECT_EQ(picture.at(100, 117).red, 236);
}

TEST(SliceView, PlacesBoxes) {
  const Screening screening = test::made_up_screening(true);
  const VoxelBox box{{4, 14, 12}, {8, 24, 20}};
  const Rectangle axial = SliceView(screening, Plane::axial, 5, {{0, 4, 2}, {12, 40, 60}}, 2).to_pixels(box);
  EXPECT_EQ(axial.left, (12 - 2) * 4);
  EXPECT_EQ(axial.right, (20 - 2) * 4);
  EXPECT_EQ(axial.top, (14 - 4) * 4);
  EXPECT_EQ(axial.bottom, (24 - 4) * 4);
  const Rectangle coronal = SliceView(screening, Plane::coronal, 5, kWhole, 2).to_pixels(box);
  EXPECT_EQ(coronal.top, (12 - 8) * 10);
  EXPECT_EQ(coronal.bottom, (12 - 4) * 10);
}

TEST(SliceView, AveragesWhereItShrinks) {
  Screening screening = test::made_up_screening(false);
  screening.lungs.clear();
  for (std::size_t i = 0; i < screening.volume.hu.size(); ++i) screening.volume.hu[i] = i % 2 == 0 ? -1350 : 150;
  const Picture picture = SliceView(screening, Plane::axial, 5, kWhole, 0.125).picture();  // 4 voxels a pixel
  for (int x = 1; x + 1 < picture.width(); ++x) EXPECT_NEAR(picture.at(x, 3).red, 127, 35) << x;
}

TEST(SliceView, ShowsTheWindowThatItIsGiven) {
  const Screening screening = test::made_up_screening(false);
  const Picture picture = SliceView(screening, Plane::axial, 5, kWhole, 2, kMediastinalWindow).picture();
  EXPECT_EQ(picture.at(2, 2), (Colour{128, 128, 128}));  // 40 HU: 200 / 400 * 255
  EXPECT_EQ(picture.at(60, 80), (Colour{0, 0, 0}));
}

TEST(SliceView, DrawsNoBoxThatItDoesNotCross) {
  const Screening screening = test::made_up_screening(false);
  const BoxMark mark{{{4, 14, 12}, {8, 24, 20}}, kRed, "1"};
  for (std::int64_t y = 0; y < 40; ++y) {
    SliceView coronal(screening, Plane::coronal, y, kWhole, 2);
    coronal.draw_boxes({mark});
    EXPECT_EQ(count(coronal.picture(), kRed) > 0, 14 <= y && y < 24) << y;
  }
  for (std::int64_t z = 0; z < 12; ++z) {
    SliceView axial(screening, Plane::axial, z, kWhole, 2);
    axial.draw_boxes({mark});
    EXPECT_EQ(count(axial.picture(), kRed) > 0, 4 <= z && z < 8) << z;
  }
  const BoxMark behind{{{4, 30, 12}, {8, 36, 20}}, kRed, "1"};  // the lungs end at 30
  SliceView projection = SliceView::projection(screening, screening.result.lungs.box, {}, kWhole, 2);
  projection.draw_boxes({behind});
  EXPECT_EQ(count(projection.picture(), kRed), 0);
  projection.draw_boxes({mark});
  EXPECT_GT(count(projection.picture(), kRed), 0);
}

TEST(SliceView, FramesABoxFromOutsideAndTagsIt) {
  const Screening screening = test::made_up_screening(false);
  SliceView view(screening, Plane::axial, 5, kWhole, 2);
  view.draw_boxes({{{{4, 14, 12}, {8, 24, 20}}, kRed, "1"}, {{{4, 14, 40}, {8, 24, 48}}, kGreen, ""}});
  const Picture& picture = view.picture();  // 4 pixels a voxel
  for (int x = 46; x < 82; ++x) EXPECT_EQ(picture.at(x, 55), kRed) << x;
  EXPECT_EQ(count(picture, kRed, {48, 56, 80, 96}), 0);
  EXPECT_EQ(count(picture, kGreen), 36 * 44 - 32 * 40);
  EXPECT_EQ(test::count_text(picture, "1", {16, 20, 24}, kRed), 1);
}

TEST(SliceView, TagsOnlyWhatIsSeen) {
  const Screening screening = test::made_up_screening(false);
  SliceView view(screening, Plane::axial, 5, {{0, 10, 8}, {12, 30, 30}}, 2);
  view.draw_boxes({{{{4, 14, 40}, {8, 24, 48}}, kRed, "1"}});
  EXPECT_EQ(count(view.picture(), kRed), 0);
}

TEST(SliceView, WritesTheWholeNumberOfEachBox) {
  const Screening screening = test::made_up_screening(false);
  SliceView view(screening, Plane::axial, 5, kWhole, 2);
  view.annotate();
  std::vector<BoxMark> marks;
  for (int i = 0; i < 12; ++i) marks.push_back({{{4, 14 + i, 40 - i}, {8, 24, 48}}, kRed, std::to_string(80 + i)});
  view.draw_boxes(marks);
  for (const BoxMark& mark : marks) EXPECT_EQ(test::count_text(view.picture(), mark.tag, {16, 20, 24}, kRed), 1);
}

TEST(SliceView, NamesTheSidesOfItsPlane) {
  const Screening screening = test::made_up_screening(false);
  for (const Plane plane : {Plane::axial, Plane::coronal}) {
    SliceView view(screening, plane, 5, kWhole, 2);
    view.annotate();
    Picture expected = SliceView(screening, plane, 5, kWhole, 2).picture();
    std::vector<Rectangle> taken;
    const bool axial = plane == Plane::axial;
    draw_sides(expected, {"R", "L", axial ? "A" : "H", axial ? "P" : "F"}, taken);
    const Rectangle bar = draw_scale_bar(expected, 2, taken);
    EXPECT_EQ(bar.right - bar.left, 40) << "20 mm at 2 pixels a mm";
    EXPECT_EQ(view.picture().png(), expected.png());
  }
}

TEST(Projection, IsTheMeanOfTheLungsBehindEachPoint) {
  Screening screening = test::made_up_screening(false);
  for (std::int64_t z = 0; z < 12; ++z)  // a lesion over half of the right lung's depth, and bone before and behind
    for (std::int64_t x = 0; x < 26; ++x) {
      for (std::int64_t y = 10; y < 20; ++y)
        screening.volume.hu[static_cast<std::size_t>((z * 40 + y) * 60 + x)] = -550;
      for (const std::int64_t y : {9, 30}) screening.volume.hu[static_cast<std::size_t>((z * 40 + y) * 60 + x)] = 2000;
    }
  const VoxelBox& lungs = screening.result.lungs.box;
  const Picture plain = SliceView::projection(screening, lungs, {}, kWhole, 2).picture();
  EXPECT_EQ(plain.at(160, 60), (Colour{64, 64, 64}));    // left lung, -850 HU: 150 / 600 * 255
  EXPECT_EQ(plain.at(60, 60), (Colour{128, 128, 128}));  // right lung, -700 HU
  EXPECT_EQ(plain.at(10, 60), (Colour{0, 0, 0})) << "no lung is there";
  EXPECT_EQ(plain.at(160, 5), (Colour{0, 0, 0}));
  const VoxelBox front{{4, 12, 10}, {8, 18, 20}}, back{{4, 22, 14}, {8, 28, 24}}, beyond{{3, 35, 36}, {6, 38, 44}};
  const Picture insets = SliceView::projection(screening, lungs, {front, back, beyond}, kWhole, 2).picture();
  EXPECT_EQ(insets.at(50, 60), (Colour{191, 191, 191})) << "-550 HU in the first box's depth";
  EXPECT_EQ(insets.at(72, 60), (Colour{191, 191, 191})) << "the first box lies on top";
  EXPECT_EQ(insets.at(88, 60), (Colour{64, 64, 64})) << "-850 HU in the second box's depth";
  EXPECT_EQ(insets.at(60, 20), plain.at(60, 20));
  EXPECT_EQ(insets.at(160, 70), plain.at(160, 70)) << "a box outside the lungs' depth changes nothing";
}

TEST(Projection, FadesWhereLittleLungLiesBehind) {
  Screening screening = test::made_up_screening(false);
  for (std::int64_t z = 0; z < 12; ++z)  // 3 voxels of 2 mm are left of the left lung
    for (std::int64_t y = 13; y < 30; ++y)
      for (std::int64_t x = 34; x < 52; ++x) screening.lungs[static_cast<std::size_t>((z * 40 + y) * 60 + x)] = 0;
  const Picture picture = SliceView::projection(screening, screening.result.lungs.box, {}, kWhole, 2).picture();
  EXPECT_EQ(picture.at(160, 60).red, 26);  // 6 mm of 15 mm: 0.4 * 63.75
}

TEST(WithMargin, StaysInTheVolume) {
  const Geometry& geometry = test::made_up_screening(false).volume.geometry;
  EXPECT_EQ(with_margin(geometry, {{2, 10, 8}, {10, 30, 52}}, 6), (VoxelBox{{0, 7, 5}, {12, 33, 55}}));
  EXPECT_EQ(with_margin(geometry, {{-9, -9, 70}, {-8, 90, 80}}, 0), (VoxelBox{{0, 0, 59}, {1, 40, 60}}));
}

}  // namespace
}  // namespace pleura::report
