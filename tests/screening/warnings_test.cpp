#include "screening/warnings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pleura::screening {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Geometry usual_chest() {
  Geometry geometry;
  geometry.shape = {70, 512, 512};
  geometry.spacing = {5, 0.7, 0.7};
  return geometry;
}

Lungs usual_lungs() {
  Lungs found;
  found.summary = {2.1, 2.5, {{5, 100, 80}, {60, 400, 430}}};
  return found;
}

TEST(Doubts, NoneForAUsualChest) { EXPECT_THAT(doubts(usual_chest(), usual_lungs()), IsEmpty()); }

TEST(Doubts, FewSlices) {
  Geometry geometry = usual_chest();
  geometry.shape[0] = 29;
  geometry.spacing[0] = 8;
  Lungs found = usual_lungs();
  found.summary.box.high[0] = 28;
  EXPECT_THAT(doubts(geometry, found), ElementsAre(HasSubstr("only 29 slices"), HasSubstr("8.0 mm apart")));
}

TEST(Doubts, LittleCoverage) {
  Geometry geometry = usual_chest();
  geometry.spacing[0] = 2;
  EXPECT_THAT(doubts(geometry, usual_lungs()), ElementsAre(HasSubstr("cover 140 mm")));
}

TEST(Doubts, LungsCutOff) {
  Lungs found = usual_lungs();
  found.summary.box = {{0, 100, 80}, {70, 400, 512}};
  EXPECT_THAT(doubts(usual_chest(), found),
              ElementsAre(HasSubstr("towards the feet"), HasSubstr("towards the head"), HasSubstr("field of view")));
}

TEST(Doubts, UnequalLungs) {
  Lungs found = usual_lungs();
  found.summary.left_litres = 0.5;
  EXPECT_THAT(doubts(usual_chest(), found), ElementsAre(HasSubstr("left 0.50 l, right 2.50 l")));
}

}  // namespace
}  // namespace pleura::screening
