#include "screening/vote.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace pleura::screening {
namespace {

using enum Label;

/// An image whose label has this softmax probability, the other two sharing the rest.
ImageVote image(Label label, double confidence) {
  std::array<double, 3> logits{};
  logits[static_cast<int>(label)] = std::log(confidence) - std::log((1 - confidence) / 2);
  return classify_image(logits);
}

/// The paper's two rules read one by one, on confidences (paper 2.6.1).
int naive_vote(const std::array<ImageVote, 3>& images) {
  for (const Label type : {covid19, influenza_a, irrelevant}) {
    std::vector<int> members;
    for (int i = 0; i < 3; ++i)
      if (images[i].label == type) members.push_back(i);
    if (members.size() < 2) continue;
    int best = members[0];
    for (const int i : members)
      if (images[i].confidence > images[best].confidence) best = i;
    return best;
  }
  int best = -1;  // three different labels: walk them in the order of ties
  for (const Label type : {covid19, influenza_a, irrelevant})
    for (int i = 0; i < 3; ++i)
      if (images[i].label == type && (best < 0 || images[i].confidence > images[best].confidence)) best = i;
  return best;
}

TEST(ClassifyImage, IsTheSoftmaxOfTheLogits) {
  const ImageVote vote = classify_image({std::log(2.0), std::log(5.0), std::log(3.0)});
  EXPECT_EQ(vote.label, influenza_a);
  EXPECT_NEAR(vote.probabilities[0], 0.2, 1e-15);
  EXPECT_NEAR(vote.probabilities[1], 0.5, 1e-15);
  EXPECT_NEAR(vote.probabilities[2], 0.3, 1e-15);
  EXPECT_EQ(vote.confidence, vote.probabilities[1]);
  EXPECT_EQ(vote.logits[2], std::log(3.0));
}

TEST(ClassifyImage, GivesEqualLogitsToTheFirstLabel) {
  EXPECT_EQ(classify_image({0, 0, 0}).label, covid19);
  EXPECT_EQ(classify_image({-1, 2, 2}).label, influenza_a);
  EXPECT_EQ(classify_image({2, -1, 2}).label, covid19);
}

TEST(ClassifyImage, SurvivesLargeLogits) {
  const ImageVote vote = classify_image({3e38, -3e38, 3e37});
  EXPECT_EQ(vote.label, covid19);
  EXPECT_EQ(vote.confidence, 1);
}

TEST(LogOneMinusLargest, AgreesWithThePlainFormulaWhereThatIsExact) {
  EXPECT_NEAR(log_one_minus_largest({std::log(2.0), std::log(5.0), std::log(3.0)}), std::log(0.5), 1e-15);
  EXPECT_NEAR(log_one_minus_largest({0, 0, 0}), std::log(2.0 / 3), 1e-15);
}

TEST(LogOneMinusLargest, IsExactWhereTheProbabilityRoundsToOne) {
  // 1 - p = (e^-100 + e^-100) / (1 + ...), whose logarithm is log 2 - 100 to all digits.
  EXPECT_NEAR(log_one_minus_largest({100, 0, 0}), std::log(2.0) - 100, 1e-13);
  EXPECT_NEAR(log_one_minus_largest({5000, 0, -9000}), -5000, 1e-9);
}

TEST(LogOneMinusLargest, IsTheSameForPermutedLogits) {
  std::mt19937 random(1);
  std::normal_distribution<double> normal(0, 5);
  for (int i = 0; i < 1000; ++i) {
    const double a = normal(random), b = normal(random), c = normal(random);
    const double expected = log_one_minus_largest({a, b, c});
    EXPECT_EQ(log_one_minus_largest({c, a, b}), expected);
    EXPECT_EQ(log_one_minus_largest({b, a, c}), expected);
  }
}

TEST(Vote, TakesTheMostConfidentOfTwoThatAgree) {
  EXPECT_EQ(vote({image(covid19, 0.6), image(irrelevant, 0.9), image(covid19, 0.7)}), 2);
  EXPECT_EQ(vote({image(irrelevant, 0.5), image(irrelevant, 0.6), image(influenza_a, 0.99)}), 1);
}

TEST(Vote, TakesTheMostConfidentOfAllWhereNoneAgree) {
  EXPECT_EQ(vote({image(covid19, 0.5), image(influenza_a, 0.6), image(irrelevant, 0.7)}), 2);
  EXPECT_EQ(vote({image(irrelevant, 0.5), image(influenza_a, 0.6), image(covid19, 0.4)}), 1);
}

TEST(Vote, BreaksTiesByLabelThenByIndex) {
  EXPECT_EQ(vote({image(irrelevant, 0.8), image(influenza_a, 0.8), image(covid19, 0.8)}), 2);
  EXPECT_EQ(vote({image(irrelevant, 0.8), image(covid19, 0.5), image(influenza_a, 0.8)}), 2);
  EXPECT_EQ(vote({image(covid19, 0.4), image(influenza_a, 0.8), image(influenza_a, 0.8)}), 1);
  EXPECT_EQ(vote({image(irrelevant, 0.8), image(irrelevant, 0.8), image(irrelevant, 0.8)}), 0);
}

TEST(Vote, ComparesConfidencesThatRoundToOne) {
  const std::array images{classify_image({60, 0, 0}), classify_image({80, 0, 0}), classify_image({70, 0, 0})};
  EXPECT_EQ(images[0].confidence, images[1].confidence);
  EXPECT_EQ(vote(images), 1);
}

TEST(Vote, AgreesWithTheNaiveRulesOnAllTriplesOfAGrid) {
  std::vector<ImageVote> all;
  for (const Label label : {covid19, influenza_a, irrelevant})
    for (const double confidence : {0.4, 0.5, 0.75, 0.9}) all.push_back(image(label, confidence));
  for (const auto& a : all)
    for (const auto& b : all)
      for (const auto& c : all) EXPECT_EQ(vote({a, b, c}), naive_vote({a, b, c}));
}

TEST(ApplyVote, FillsTheRegion) {
  Region region;
  region.votes = {image(covid19, 0.6), image(irrelevant, 0.9), image(covid19, 0.75)};
  region.votes[1].distance_from_edge = 0.125;
  apply_vote(region);
  EXPECT_EQ(region.label, covid19);
  EXPECT_NEAR(region.confidence, 0.75, 1e-15);
  EXPECT_NEAR(region.log_one_minus_confidence, std::log(0.25), 1e-14);
  EXPECT_EQ(region.distance_from_edge, 0.125);
}

}  // namespace
}  // namespace pleura::screening
