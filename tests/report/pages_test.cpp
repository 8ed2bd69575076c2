#include "report/pages.hpp"

#include <gtest/gtest.h>

#include "report/made_up.hpp"
#include "report/names.hpp"
#include "report/slice_view.hpp"

namespace pleura::report {
namespace {

const VoxelBox kWhole{{0, 0, 0}, {12, 40, 60}};

bool is_grey(Colour c) { return c.red == c.green && c.green == c.blue; }

int count(const Picture& picture, Colour colour) {
  int found = 0;
  for (int y = 0; y < picture.height(); ++y)
    for (int x = 0; x < picture.width(); ++x) found += picture.at(x, y) == colour ? 1 : 0;
  return found;
}

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

TEST(WithMargin, StaysInTheVolume) {
  const Geometry& geometry = test::made_up_screening(false).volume.geometry;
  EXPECT_EQ(with_margin(geometry, {{2, 10, 8}, {10, 30, 52}}, 6), (VoxelBox{{0, 7, 5}, {12, 33, 55}}));
  EXPECT_EQ(with_margin(geometry, {{-9, -9, 70}, {-8, 90, 80}}, 0), (VoxelBox{{0, 0, 59}, {1, 40, 60}}));
}

TEST(RegionPage, ShowsTheRegionInItsColour) {
  const Screening screening = test::made_up_screening(true);
  for (std::size_t i = 0; i < 3; ++i) {
    const Picture page = region_page(screening, i);
    EXPECT_GT(count(page, colour_of(screening.result.regions[i].label)), 500);
    EXPECT_LE(page.width(), 1100);
    EXPECT_LE(page.height(), 800);
  }
}

TEST(RegionPage, TakesBoxesThatReachOutside) {
  Screening screening = test::made_up_screening(true);
  Region& region = screening.result.regions[0];
  region.box_voxels = {{-3, -10, 50}, {30, 70, 90}};
  for (ImageVote& vote : region.votes) vote.slice = 40;
  EXPECT_GT(count(region_page(screening, 0), colour_of(region.label)), 100);
  EXPECT_GT(count(montage_page(screening), colour_of(region.label)), 100);
}

TEST(MontagePage, ShowsSlicesWhereNothingWasFound) {
  const Screening screening = test::made_up_screening(false);
  const Picture page = montage_page(screening);
  EXPECT_EQ(count(page, colour_of(Label::covid19)), 0);
  EXPECT_GT(count(page, colour_of(CaseLabel::no_infection_found)), 100);
  Screening bare = screening;  // a result without lungs: the whole volume
  bare.result.lungs = {};
  bare.lungs.clear();
  EXPECT_GT(montage_page(bare).width(), 0);
}

TEST(MontagePage, GrowsToTwelveRegions) {
  Screening screening = test::made_up_screening(true);
  const int six = montage_page(screening).height();
  for (int i = 0; i < 30; ++i) screening.result.regions.push_back(screening.result.regions[0]);
  EXPECT_GT(montage_page(screening).height(), six + 200);
}

}  // namespace
}  // namespace pleura::report
