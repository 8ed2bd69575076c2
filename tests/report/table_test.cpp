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

Case      infection found, P 0.930; COVID-19 (0.646)
P         COVID-19 0.900, influenza A 0.300
Lungs     left 2.25 l, right 2.50 l
Input     patient1/ct, study of 20200131, voxels 0123456789ab, series 1.2.3
CT        12 slices of 40 x 60, 5.00 x 2.00 x 2.00 mm
Weights   made-up, SHA-256 aaaaaaaaaaaaaaaa
Run       cpu, fp32, 2 threads, vnet-rpn and m2
Seconds   lungs 0.50, segmenter 1.25, together 2.50
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

TEST(Table, SaysWhoseAsFarAsItMay) {
  Result result = test::made_up_screening(false).result;
  result.warnings = {"wards/patient1/ct/a.txt: of no format"};
  result.stages.insert(result.stages.begin(), {{"read", 1}, {"weights", 0.25}});
  EXPECT_THAT(to_table(result), testing::HasSubstr("read 1.00, weights 0.25 (beside read), lungs"));
  EXPECT_THAT(to_table(result), testing::HasSubstr("Warning   wards/patient1/ct/a.txt"));
  EXPECT_THAT(to_table(result, Disclosure::identified), testing::HasSubstr("Input     DOE^JANE, patient P-1,"));
  const std::string anonymous = to_table(result, Disclosure::anonymous);
  EXPECT_THAT(anonymous, testing::HasSubstr("Input     voxels 0123456789ab\n"));
  EXPECT_THAT(anonymous, testing::HasSubstr("Warning   ...: of no format\n"));
  EXPECT_THAT(anonymous, testing::Not(testing::HasSubstr("patient1")));
}

TEST(Table, NeverIsWiderThan100Columns) {
  Result result = test::made_up_screening(true).result;
  result.input.provenance.series_uid = std::string(64, '1');
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

/// A case as the paper's 2.6.2 exports it.
CaseResult case_of(CaseLabel result, double confidence, double p_covid19, double p_influenza_a) {
  return {result, confidence, p_covid19, p_influenza_a, 0, 0, 1 - (1 - p_covid19) * (1 - p_influenza_a)};
}

TEST(Headline, SaysInfectionFirstThenWhich) {
  const auto says = [](CaseLabel result, double confidence, double p_covid19, double p_influenza_a) {
    return headline(case_of(result, confidence, p_covid19, p_influenza_a));
  };
  EXPECT_EQ(headline({}), "no infection found");
  EXPECT_EQ(says(CaseLabel::covid19, 0.998, 0.998, 0), "infection found, P 0.998; COVID-19");
  EXPECT_EQ(says(CaseLabel::influenza_a, 0.25, 0, 0.25), "infection found, P 0.250; influenza A");
  EXPECT_EQ(says(CaseLabel::covid19, 0.731, 1, 0.01), "infection found, P 1.000; COVID-19 (0.731)");
  EXPECT_EQ(says(CaseLabel::covid19, 0.5, 1, 1),
            "infection found, P 1.000; COVID-19 or influenza A: undecided (0.500)");
  EXPECT_EQ(says(CaseLabel::influenza_a, 0.599, 0.5, 0.9),
            "infection found, P 0.950; influenza A or COVID-19: undecided (0.599)");
  EXPECT_EQ(says(CaseLabel::influenza_a, 0.6, 0.5, 0.9), "infection found, P 0.950; influenza A (0.600)");
}

TEST(Headline, AnUndecidedCaseHasItsOwnColour) {
  const Colour undecided = headline_colour(case_of(CaseLabel::covid19, 0.5, 1, 1));
  for (const CaseLabel label : {CaseLabel::covid19, CaseLabel::influenza_a, CaseLabel::no_infection_found}) {
    EXPECT_FALSE(undecided == colour_of(label));
    EXPECT_EQ(headline_colour(case_of(label, 0.7, 0.9, 0.1)), colour_of(label));
  }
  EXPECT_EQ(headline_colour(case_of(CaseLabel::covid19, 0.5, 0.5, 0)), colour_of(CaseLabel::covid19))
      << "one type alone is decided, however faint";
}

TEST(Names, CountPicturesFromOne) {
  EXPECT_EQ(picture_name(0), "region_01.png");
  EXPECT_EQ(picture_name(99), "region_100.png");
}

}  // namespace
}  // namespace pleura::report
