#include "report/marks.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "report/pixels.hpp"

namespace pleura::report {
namespace {

using test::count;
using test::kWhite;

constexpr Colour kGrey{150, 150, 150};

bool overlap(const Rectangle& a, const Rectangle& b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

TEST(Sides, StandWhiteOnDarkAtTheirMiddles) {
  Picture picture(200, 120, kGrey);
  std::vector<Rectangle> taken;
  draw_sides(picture, {"R", "L", "A", "P"}, taken);
  ASSERT_EQ(taken.size(), 4U);
  const std::array<std::array<int, 2>, 4> middles{{{10, 60}, {189, 60}, {100, 12}, {100, 107}}};
  const std::array<std::string_view, 4> letters{"R", "L", "A", "P"};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto [left, top, right, bottom] = taken[i];
    EXPECT_NEAR((left + right) / 2, middles[i][0], 2);
    EXPECT_NEAR((top + bottom) / 2, middles[i][1], 2);
    const Colour plate = picture.at(left, top);
    EXPECT_LT(plate.red, 60);
    Picture letter(right - left, bottom - top, plate);
    letter.text(2, 0, letters[i], kWhite);
    EXPECT_TRUE(test::lies_at(picture, letter, left, top)) << letters[i];
  }
  EXPECT_EQ(picture.at(60, 60), kGrey);
}

TEST(ScaleBar, IsTheLongestRoundLengthWithinAFifthOfTheWidth) {
  EXPECT_EQ(scale_bar_mm(300, 0.9), 50);
  EXPECT_EQ(scale_bar_mm(300, 0.6), 100);
  EXPECT_EQ(scale_bar_mm(176, 3), 10);
  EXPECT_EQ(scale_bar_mm(300, 60), 1);
  EXPECT_EQ(scale_bar_mm(300, 60.1), 0);
}

TEST(ScaleBar, IsAsLongAsItSays) {
  for (const auto& [mm, scale] : {std::pair{50, 0.9}, {10, 3.3}, {100, 0.41}, {1, 50.0}}) {
    Picture picture(300, 100, kGrey);
    std::vector<Rectangle> taken;
    const Rectangle bar = draw_scale_bar(picture, scale, taken);
    EXPECT_EQ(bar.right - bar.left, std::lround(mm * scale)) << mm;
    for (int x = bar.left - 1; x <= bar.right; ++x)
      EXPECT_EQ(picture.at(x, bar.top) == kWhite, bar.left <= x && x < bar.right) << mm << ' ' << x;
    // Ticks: at both ends higher than between, each cm or mm.
    EXPECT_EQ(count(picture, kWhite, {bar.left, bar.top - 5, bar.left + 1, bar.top}), 5);
    EXPECT_EQ(count(picture, kWhite, {bar.right - 1, bar.top - 5, bar.right, bar.top}), 5);
    const int ticks = count(picture, kWhite, {bar.left, bar.top - 1, bar.right, bar.top});
    EXPECT_EQ(ticks, (mm % 10 == 0 ? mm / 10 : mm) + 1) << mm;
    ASSERT_EQ(taken.size(), 1U);
    EXPECT_EQ(test::count_text(picture, std::to_string(mm) + " mm", kWhite, picture.at(taken[0].left, taken[0].top)),
              1);
  }
  Picture small(40, 20, kGrey);
  std::vector<Rectangle> none;
  draw_scale_bar(small, 30, none);
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(count(small, kGrey), 800);
}

TEST(PlaceTag, StandsAboveTheBoxsUpperLeftCorner) {
  const Picture picture(200, 100, kGrey);
  const Rectangle box{50, 40, 90, 80};
  const Rectangle tag = place_tag(picture, box, 15, 18, {box}, {});
  EXPECT_EQ(tag.left, 50);
  EXPECT_EQ(tag.bottom, 40);
  EXPECT_EQ(tag.right - tag.left, 15);
  EXPECT_EQ(tag.bottom - tag.top, 18);
}

TEST(PlaceTag, StaysInThePictureAndOffEverythingElse) {
  const Picture picture(200, 100, kGrey);
  // Boxes at each corner, one beyond the picture, and many upon each other.
  std::vector<Rectangle> boxes{{-5, -5, 20, 20}, {180, -9, 230, 30}, {-40, 80, 10, 130}, {190, 90, 210, 110}};
  for (int i = 0; i < 20; ++i) boxes.push_back({80, 40, 120, 70});
  std::vector<Rectangle> taken{{90, 0, 110, 30}};
  for (const Rectangle& box : boxes) {
    const Rectangle tag = place_tag(picture, box, 24, 18, boxes, taken);
    EXPECT_GE(tag.left, 0);
    EXPECT_GE(tag.top, 0);
    EXPECT_LE(tag.right, 200);
    EXPECT_LE(tag.bottom, 100);
    for (const Rectangle& other : taken) EXPECT_FALSE(overlap(tag, other));
    taken.push_back(tag);
  }
  EXPECT_LT(taken[1].left, 30) << "beside its box";
  EXPECT_LT(taken[1].top, 30);
}

TEST(PlaceTag, LeavesOtherBoxesFree) {
  const Picture picture(200, 100, kGrey);
  const Rectangle box{50, 40, 90, 80}, above{40, 10, 100, 39};
  const Rectangle tag = place_tag(picture, box, 15, 18, {box, above}, {});
  EXPECT_FALSE(overlap(tag, above));
  EXPECT_FALSE(overlap(tag, box));
  EXPECT_LE(std::min(std::abs(tag.right - box.left), std::abs(tag.top - box.bottom)), 6) << "still beside its box";
}

TEST(PlaceTag, EndsWhereThereIsNoRoom) {
  const Picture picture(10, 5, kGrey);
  const Rectangle tag = place_tag(picture, {2, 2, 4, 4}, 24, 18, {}, {{0, 0, 10, 5}});
  EXPECT_EQ(tag.left, 0);
  EXPECT_EQ(tag.top, 0);
}

}  // namespace
}  // namespace pleura::report
