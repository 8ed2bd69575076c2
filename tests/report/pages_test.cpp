#include "report/pages.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "report/made_up.hpp"
#include "report/names.hpp"
#include "report/page.hpp"
#include "report/pixels.hpp"

namespace pleura::report {
namespace {

using test::count;
using test::count_text;

TEST(RegionPage, ShowsTheRegionInItsColour) {
  const Screening screening = test::made_up_screening(true);
  for (std::size_t i = 0; i < 3; ++i) {
    const Picture page = region_page(screening, i, "");
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
  EXPECT_GT(count(region_page(screening, 0, ""), colour_of(region.label)), 100);
  EXPECT_GT(count(montage_page(screening, ""), colour_of(region.label)), 100);
}

TEST(MontagePage, ShowsSlicesWhereNothingWasFound) {
  const Screening screening = test::made_up_screening(false);
  const Picture page = montage_page(screening, "");
  EXPECT_EQ(count(page, colour_of(Label::covid19)), 0);
  EXPECT_GT(count(page, colour_of(CaseLabel::no_infection_found)), 100);
  Screening bare = screening;  // a result without lungs: the whole volume
  bare.result.lungs = {};
  bare.lungs.clear();
  EXPECT_GT(montage_page(bare, "").width(), 0);
}

/// A finding on each of `regions` slices of a volume of 40, one behind the other.
Screening many_findings(int regions) {
  Screening screening = test::made_up_screening(false);
  screening.volume.geometry.shape[0] = 40;
  screening.volume.hu.assign(static_cast<std::size_t>(screening.volume.geometry.voxels()), -850);
  screening.lungs.assign(screening.volume.hu.size(), 1);
  screening.result.lungs.box = {{}, screening.volume.geometry.shape};
  for (int i = 0; i < regions; ++i)
    screening.result.regions.push_back(
        test::made_up_region(screening.volume.geometry, {{i, i, 12}, {i + 2, i + 2, 20}}, Label::covid19, 0.9));
  return screening;
}

TEST(MontagePage, ShowsTwelveSlicesAndSaysOfHowManyFindings) {
  const Picture twelve = montage_page(many_findings(12), ""), all = montage_page(many_findings(32), "");
  EXPECT_EQ(twelve.height(), all.height());
  const std::string window = "axial, lung window -1350 to 150 HU; findings shown: ";
  EXPECT_EQ(count_text(twelve, window + "12 of 12; each has a page of its own", kInk, kPaper), 1);
  EXPECT_EQ(count_text(all, window + "12 of 32; each has a page of its own", kInk, kPaper), 1);
}

TEST(MontagePage, NamesEachSliceAndItsFindings) {
  Screening screening = test::made_up_screening(true);
  screening.result.regions.push_back(screening.result.regions[0]);  // shares its slice
  screening.volume.provenance.emplace();
  for (int z = 0; z < 12; ++z) screening.volume.provenance->slices.push_back({"", "", 0, 900 - z});
  screening.volume.provenance->slices[3].instance_number = 0;
  const Picture page = montage_page(screening, "");
  EXPECT_EQ(count_text(page, "slice 6 of 12, image 894", kFaint, kPaper), 1);
  EXPECT_EQ(count_text(page, "slice 3 of 12", kFaint, kPaper), 1) << "a slice without an instance number";
  EXPECT_EQ(count_text(page, "slice 3 of 12,", kFaint, kPaper), 0);
  EXPECT_EQ(count_text(page, "coronal, y 19 of 40", kFaint, kPaper), 1);
  EXPECT_EQ(count_text(page, "4 0.900", colour_of(Label::covid19), kPaper), 2) << "a slice and a coronal plane";
  EXPECT_EQ(count_text(page, "3 irrelevant 0.800", colour_of(Label::irrelevant), kPaper), 1);
  EXPECT_EQ(count_text(page, "coronal projection, window -1000 to -400 HU", kInk, kPaper), 1);
  for (const char* label : {"COVID-19", "influenza A", "irrelevant", "lungs' outline"})
    EXPECT_EQ(count_text(page, label, kInk, kPaper, page.height() - kFooter), 1) << "the key: " << label;
}

TEST(RegionPage, NamesItsWindowsAndPlanes) {
  Screening screening = test::made_up_screening(true);
  screening.volume.provenance.emplace();
  for (int z = 0; z < 12; ++z) screening.volume.provenance->slices.push_back({"", "", 0, z + 1});
  const Picture page = region_page(screening, 0, "");
  EXPECT_EQ(count_text(page, "slice 6 of 12, image 7: lung window -1350 to 150 HU", kInk, kPaper), 1);
  EXPECT_EQ(count_text(page, "mediastinal -160 to 240 HU", kInk, kPaper), 1);
  EXPECT_EQ(count_text(page, "coronal, y 19 of 40", kInk, kPaper), 1);
  for (const char* slice : {"slice 5 of 12, image 6", "slice 7 of 12, image 8"})
    EXPECT_EQ(count_text(page, slice, kInk, kPaper), 1) << slice;
}

TEST(Pages, CarryIdentityAndNoticeCutToFit) {
  const Screening screening = test::made_up_screening(true);
  const std::string is = "CT 2020-03-17";
  const std::string longest = is + std::string(500, 'x'), odd = is + " M\xc3\xbcller \x1b[31m\n";
  for (const auto& page_of :
       {std::function([&](const std::string& identity) { return montage_page(screening, identity); }),
        std::function([&](const std::string& identity) { return region_page(screening, 1, identity); })}) {
    const Picture page = page_of(is), cut = page_of(longest), none = page_of("");
    EXPECT_EQ(count_text(page, is, kFaint, kPaper), 1);
    EXPECT_EQ(count_text(page_of(odd), is + " M?ller ?[31m?", kFaint, kPaper), 1);
    EXPECT_EQ(count_text(cut, "xxx...", kFaint, kPaper), 1);
    EXPECT_EQ(cut.width(), none.width());
    for (int y = 0; y < none.height(); ++y)
      for (int x = 0; x < none.width(); ++x) {
        if (66 <= y && y < 66 + text_height(FontSize::small) && kMargin <= x && x < none.width() - kMargin) continue;
        ASSERT_EQ(cut.at(x, y), none.at(x, y)) << x << ' ' << y;
      }
    EXPECT_EQ(count_text(page, kNotice, {250, 176, 92}, kPaper), 1);
  }
}

TEST(Pages, TakeEveryShapeOfVolume) {
  for (const auto& [shape, spacing] : {std::pair<Index3, std::array<double, 3>>{{1, 1, 1}, {5, 1, 1}},
                                       {{3, 4, 5}, {1, 1, 1}},
                                       {{3, 64, 64}, {10, 0.7, 0.7}},
                                       {{200, 8, 8}, {0.5, 1, 1}},
                                       {{8, 100, 4}, {2, 0.5, 3}},
                                       {{8, 4, 200}, {2, 3, 0.5}}}) {
    Screening screening;
    screening.volume.geometry.shape = screening.result.geometry.shape = shape;
    screening.volume.geometry.spacing = screening.result.geometry.spacing = spacing;
    screening.volume.hu.assign(static_cast<std::size_t>(screening.volume.geometry.voxels()), -800);
    for (const bool lungs : {false, true}) {
      if (lungs) {
        screening.lungs.assign(screening.volume.hu.size(), 1);
        screening.result.lungs.box = {{}, shape};
        screening.result.regions = {
            test::made_up_region(screening.volume.geometry, {{-9, -9, -9}, {99, 99, 99}}, Label::covid19, 0.9),
            test::made_up_region(screening.volume.geometry, {{0, 0, 0}, {1, 1, 1}}, Label::irrelevant, 0.9)};
      }
      const Picture page = montage_page(screening, "");
      EXPECT_LE(page.width(), 1600);
      EXPECT_LE(page.height(), 1600);
      for (std::size_t i = 0; i < screening.result.regions.size(); ++i)
        EXPECT_LE(region_page(screening, i, "").height(), 800);
    }
  }
}

}  // namespace
}  // namespace pleura::report
