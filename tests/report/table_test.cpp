#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "report/made_up.hpp"
#include "report/names.hpp"

namespace pleura::report {
namespace {

TEST(Table, OfAnInfectedCase) {
  EXPECT_EQ(to_table(test::made_up_screening(true).result),
            R"(pleura 0.1.0  Research use only. Not for diagnosis.

Case      COVID-19, confidence 0.646 (P: COVID-19 0.900, influenza A 0.300)
Lungs     left 2.25 l, right 2.50 l
CT        12 slices of 40 x 60, 5.00 x 2.00 x 2.00 mm, series 1.2.3
Weights   made-up, SHA-256 aaaaaaaaaaaaaaaa
Run       cpu, fp32, 2 threads, vnet-rpn and m2
Seconds   lungs 0.50, segmenter 1.25, together 1.75
Warning   made up

  #  finding      confidence  slice     centre x, y, z (mm)       size (mm)   edge  votes
----------------------------------------------------------------------------------------------------
  1  COVID-19          0.900      6         -28,   -2,  128    16 x 20 x 20  0.062  - C C
  2  influenza A       0.300      6          28,   -8,  128    16 x 16 x 10  0.062  - I I
  3  irrelevant        0.800      3          22,    8,  112    12 x 16 x 10  0.062  - - -

votes of the three images, from below: C COVID-19, I influenza A, - irrelevant
)");
}

TEST(Table, OfACaseWithoutRegions) {
  const std::string table = to_table(test::made_up_screening(false).result);
  EXPECT_THAT(table, testing::HasSubstr("Case      no infection found\n"));
  EXPECT_THAT(table, testing::EndsWith("\nNo region was proposed.\n"));
}

TEST(Table, NeverIsWiderThan100Columns) {
  Result result = test::made_up_screening(true).result;
  result.run.series_uid = std::string(64, '1');
  result.run.weights_name = std::string(300, 'w');
  std::string words;
  for (int i = 0; i < 80; ++i) words += "warning" + std::to_string(i) + " ";
  result.warnings = {words, ""};
  for (int i = 0; i < 120; ++i) result.regions.push_back(result.regions[1]);
  result.regions[0].box_mm = {{-999, -999, -1999}, {999, 999, 1999}};
  std::istringstream lines(to_table(result));
  int seen = 0;
  for (std::string line; std::getline(lines, line); ++seen) EXPECT_LE(line.size(), 100U) << line;
  EXPECT_GT(seen, 123);
  EXPECT_THAT(to_table(result), testing::HasSubstr("warning79"));
}

TEST(Names, ShowProbabilitiesThatAreNotQuiteOne) {
  EXPECT_EQ(probability_text(0), "0.000");
  EXPECT_EQ(probability_text(-0.0), "0.000");
  EXPECT_EQ(probability_text(0.5), "0.500");
  EXPECT_EQ(probability_text(0.99949), "0.999");
  EXPECT_EQ(probability_text(0.99951), "0.9995");
  EXPECT_EQ(probability_text(0.999999), "1.000");
  EXPECT_EQ(probability_text(1), "1.000");
}

TEST(Names, CountPicturesFromOne) {
  EXPECT_EQ(picture_name(0), "region_01.png");
  EXPECT_EQ(picture_name(99), "region_100.png");
}

}  // namespace
}  // namespace pleura::report
