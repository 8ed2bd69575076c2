#include "screening/noisy_or.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "screening/vote.hpp"

namespace pleura::screening {
namespace {

using enum Label;

Region region(Label label, double confidence) {
  Region result;
  result.label = label;
  result.confidence = confidence;
  result.log_one_minus_confidence = std::log1p(-confidence);
  return result;
}

/// A region whose three images have the same logits.
Region region_of(const std::array<double, 3>& logits) {
  Region result;
  result.votes.fill(classify_image(logits));
  apply_vote(result);
  return result;
}

/// Equation 1 as it is printed.
double naive_p(const std::vector<Region>& regions, Label type) {
  double product = 1;
  for (const Region& r : regions)
    if (r.label == type) product *= 1 - r.confidence;
  return 1 - product;
}

TEST(DecideCase, FindsNoInfectionWithoutInfectedRegions) {
  for (const auto& regions : {std::vector<Region>{}, std::vector{region(irrelevant, 0.99), region(irrelevant, 0.5)}}) {
    const CaseResult result = decide_case(regions);
    EXPECT_EQ(result.result, CaseLabel::no_infection_found);
    EXPECT_EQ(result.confidence, 0);
    EXPECT_EQ(result.p_covid19, 0);
    EXPECT_EQ(result.p_influenza_a, 0);
    EXPECT_EQ(result.p_infection, 0);
    EXPECT_EQ(result.s_covid19, 0);
    EXPECT_EQ(result.s_influenza_a, 0);
  }
}

TEST(DecideCase, TwoRegionsOfOneHalfGiveThreeQuarters) {
  const CaseResult result = decide_case({region(covid19, 0.5), region(irrelevant, 0.9), region(covid19, 0.5)});
  EXPECT_EQ(result.result, CaseLabel::covid19);
  EXPECT_DOUBLE_EQ(result.p_covid19, 0.75);
  EXPECT_DOUBLE_EQ(result.s_covid19, 0.75);
  EXPECT_DOUBLE_EQ(result.confidence, 0.75);
  EXPECT_EQ(result.s_influenza_a, 0);
}

TEST(DecideCase, AnAbsentTypeHasAProbabilityOfPlusZero) {
  const CaseResult result = decide_case({region(covid19, 0.9)});
  EXPECT_EQ(result.p_influenza_a, 0);
  EXPECT_FALSE(std::signbit(result.p_influenza_a)) << "-0 is printed as it is";
  EXPECT_FALSE(std::signbit(result.s_influenza_a));
}

TEST(DecideCase, AnInfectionIsOfEitherType) {
  const CaseResult both = decide_case({region(influenza_a, 0.5), region(covid19, 0.4), region(irrelevant, 0.9)});
  EXPECT_DOUBLE_EQ(both.p_infection, 0.7);  // 1 - 0.5 * 0.6
  EXPECT_DOUBLE_EQ(decide_case({region(covid19, 0.25)}).p_infection, 0.25);
  // Two P that are each short of 1 by 1e-7: their product is not lost in 1 - 1e-14.
  EXPECT_NEAR(1 - decide_case({region(influenza_a, 1 - 1e-7), region(covid19, 1 - 1e-7)}).p_infection, 1e-14, 1e-16);
}

TEST(DecideCase, ExportsASingleTypeAsItIs) {
  const CaseResult result = decide_case({region(influenza_a, 0.6)});
  EXPECT_EQ(result.result, CaseLabel::influenza_a);
  EXPECT_DOUBLE_EQ(result.confidence, 0.6);
  EXPECT_EQ(result.p_covid19, 0);
}

TEST(DecideCase, ExportsTheSoftmaxOfTwoTypes) {
  // P = 0.75 and 0.4: S = 1 / (1 + e^-0.35) = 0.586618.
  const CaseResult result = decide_case({region(influenza_a, 0.5), region(covid19, 0.4), region(influenza_a, 0.5)});
  EXPECT_EQ(result.result, CaseLabel::influenza_a);
  EXPECT_NEAR(result.s_influenza_a, 0.586618, 1e-6);
  EXPECT_NEAR(result.s_covid19, 0.413382, 1e-6);
  EXPECT_EQ(result.confidence, result.s_influenza_a);
}

TEST(DecideCase, GivesEqualSumsToCovid) {
  const CaseResult result = decide_case({region(influenza_a, 0.6), region(covid19, 0.6)});
  EXPECT_EQ(result.result, CaseLabel::covid19);
  EXPECT_EQ(result.s_covid19, 0.5);
}

TEST(DecideCase, ComparesCasesWhoseProbabilitiesRoundToOne) {
  const CaseResult result = decide_case({region_of({60, 0, 0}), region_of({0, 61, 0})});
  EXPECT_EQ(result.p_covid19, 1);
  EXPECT_EQ(result.p_influenza_a, 1);
  EXPECT_EQ(result.result, CaseLabel::influenza_a);
  EXPECT_EQ(result.confidence, 0.5);
}

TEST(DecideCase, TenThousandRegionsAreExactAndDoNotDependOnTheirOrder) {
  std::vector<Region> regions;
  for (int i = 0; i < 5000; ++i) {
    // The same confidences for both types, in opposite orders: an exact tie.
    regions.push_back(region_of({1 + i * 1e-3, 0, 0}));
    regions.push_back(region_of({0, 1 + (4999 - i) * 1e-3, 0}));
  }
  const CaseResult tied = decide_case(regions);
  EXPECT_EQ(tied.result, CaseLabel::covid19);
  EXPECT_EQ(tied.p_covid19, 1);
  EXPECT_EQ(log_noisy_or_complement(regions, covid19), log_noisy_or_complement(regions, influenza_a));

  regions.push_back(region_of({0, 1e-6, 0}));  // the slightest influenza_a-A more
  std::mt19937 random(7);
  for (int repeat = 0; repeat < 5; ++repeat) {
    std::shuffle(regions.begin(), regions.end(), random);
    EXPECT_EQ(decide_case(regions).result, CaseLabel::influenza_a);
  }
}

TEST(DecideCase, AgreesWithThePrintedFormulasOnRandomCases) {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> confidence(0.34, 0.9);
  for (int repeat = 0; repeat < 200; ++repeat) {
    std::vector<Region> regions;
    for (unsigned i = 0; i < 1 + random() % 8; ++i)
      regions.push_back(region(static_cast<Label>(random() % 3), confidence(random)));
    const CaseResult result = decide_case(regions);
    const double p_covid = naive_p(regions, covid19), p_influenza = naive_p(regions, influenza_a);
    EXPECT_NEAR(result.p_covid19, p_covid, 1e-14);
    EXPECT_NEAR(result.p_influenza_a, p_influenza, 1e-14);
    if (p_covid > 0 && p_influenza > 0) {
      EXPECT_NEAR(result.s_covid19, std::exp(p_covid) / (std::exp(p_covid) + std::exp(p_influenza)), 1e-14);
      EXPECT_NEAR(result.s_covid19 + result.s_influenza_a, 1, 1e-15);
      EXPECT_EQ(result.result, p_covid >= p_influenza ? CaseLabel::covid19 : CaseLabel::influenza_a);
    }
  }
}

}  // namespace
}  // namespace pleura::screening
