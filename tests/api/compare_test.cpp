/// Two configurations on one CT, and the figures of made-up sides.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "api/compare/figures.hpp"
#include "api/compare/writers.hpp"
#include "api/fixture.hpp"
#include "screening/noisy_or.hpp"
#include "screening/vote.hpp"

namespace pleura {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(Configuration, IsWordsInAnyOrder) {
  EngineOptions defaults;
  defaults.memory_bytes = 5;
  const EngineOptions none = parse_configuration("cpu", defaults);
  EXPECT_EQ(none.device, "cpu");
  EXPECT_EQ(none.precision, Precision::fp32);
  EXPECT_EQ(none.kernels, Kernels::native);
  EXPECT_EQ(none.threads, 0);
  EXPECT_EQ(none.memory_bytes, 5U);
  const EngineOptions all = parse_configuration("threads=3,any,fp16,cuda:2");
  EXPECT_EQ(all.device, "cuda:2");
  EXPECT_EQ(all.precision, Precision::fp16);
  EXPECT_EQ(all.kernels, Kernels::any);
  EXPECT_EQ(all.threads, 3);
  for (const char* words : {"cpu,fp32", "reference,bf16", "cuda,fp16,cudnn,threads=2", "auto,fp32,any", "cuda:11,fp32"})
    EXPECT_EQ(configuration_words(parse_configuration(words)), words);
}

TEST(Configuration, WordsThatAreNoneAreNamed) {
  for (const auto& [words, named] : std::vector<std::pair<std::string, std::string>>{
           {"", "found ''"},
           {"cpu,", "found ''"},
           {"cpu,fp8", "found 'fp8'"},
           {"cuda:", "found 'cuda:'"},
           {"cuda:-1", "found 'cuda:-1'"},
           {"cuda:1x", "found 'cuda:1x'"},
           {"gpu", "found 'gpu', expected a device (cpu, cuda, cuda:N"},
           {"cpu,threads=4097", "found 'threads=4097'"},
           {"cpu,threads=", "found 'threads='"},
           {"device=cpu", "found 'device=cpu'"},
           {"cpu,cuda", "found 'cuda', expected one device at most"},
           {"fp32,bf16", "found 'bf16', expected one precision at most"},
           {"any,any", "found 'any', expected one word for the kernels at most"},
           {"threads=1,threads=2", "found 'threads=2', expected one number of threads at most"}})
    try {
      (void)parse_configuration(words);
      ADD_FAILURE() << words;
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::usage);
      EXPECT_THAT(error.what(), HasSubstr(named));
    }
}

Region region_of(const std::array<std::array<double, 3>, 3>& logits, double score = 0.5, double z = 0) {
  Region region;
  for (int i = 0; i < 3; ++i) region.votes[i] = screening::classify_image(logits[i]);
  screening::apply_vote(region);
  region.box_mm = {{0, 0, z}, {10, 10, z + 10}};
  region.proposal_score = score;
  return region;
}

/// Two regions, a head of a cell with one anchor, and a CT of two voxels.
api::Side made_side() {
  api::Side side;
  side.configuration = "cpu,fp32";
  side.device = "cpu";
  side.lungs = {1, 2};
  side.hyper.anchors = 1;
  side.head = {{1, 1, 1, 2, 5}, {1, 0, 0, 0, 0, -4, 0, 0, 0, 0}};
  side.threshold = -1;
  side.next_proposal = -4;
  side.regions = {region_of({{{3, 0, -1}, {2, 1, 0}, {0, 0, 5}}}, 0.75),
                  region_of({{{0, 0, 1}, {0, 0, 2}, {0, 0, 3}}}, 0.5, 100)};
  side.case_result = screening::decide_case(side.regions);
  return side;
}

TEST(CompareFigures, OfASideWithItselfAreZero) {
  const api::Side side = made_side();
  const api::CompareFigures figures = api::figures_of(side, side);
  EXPECT_TRUE(figures.identical);
  EXPECT_TRUE(figures.same_decisions());
  EXPECT_EQ(figures.lung_voxels, 2);
  ASSERT_TRUE(figures.head);
  EXPECT_EQ(figures.head->values, 10);
  EXPECT_EQ(figures.head->largest_logit, 4);
  EXPECT_EQ(figures.pairs.size(), 2U);
  EXPECT_EQ(figures.pairs[1].iou, 1);
  EXPECT_EQ(figures.closest(), nullptr);
  EXPECT_THAT(api::verdict(figures), StartsWith("identical"));
}

TEST(CompareFigures, AreWhatWasChanged) {
  const api::Side a = made_side();
  api::Side b = made_side();
  b.lungs[1] = 0;
  b.head.values[0] = 1.25F;
  b.head.values[9] = -2;
  b.regions[0] = region_of({{{3, 0, -1}, {2, 1, 0}, {0, 0, 4.5}}}, 0.75);
  const api::CompareFigures figures = api::figures_of(a, b);
  EXPECT_FALSE(figures.identical);
  EXPECT_TRUE(figures.same_decisions());
  EXPECT_EQ(figures.lung_differences, 1);
  EXPECT_EQ(figures.head->logits.largest, 2);
  EXPECT_EQ(figures.head->logits.mean, 0.225);
  EXPECT_EQ(figures.head->objectness, 0.25);
  EXPECT_EQ(api::figures_of(b, a).head->objectness, 0.25);
  EXPECT_NEAR(figures.head->probabilities.largest, 1 / (1 + std::exp(-1.25)) - 1 / (1 + std::exp(-1)), 1e-15);
  EXPECT_EQ(figures.logits.largest, 0.5);
  EXPECT_EQ(figures.pairs[0].logits, 0.5);
  EXPECT_EQ(figures.pairs[1].logits, 0);
  // The last region's score is a logit of 0, one above the threshold; the next proposal lies three below it. Of the
  // labels the first region's is nearest: its second image lies one logit from another label.
  ASSERT_EQ(figures.margins.size(), 2U);
  EXPECT_EQ(figures.margins[0].distance, 1);
  EXPECT_EQ(figures.margins[0].moved, 0.25);
  EXPECT_EQ(figures.margins[1].distance, 0.5);
  EXPECT_EQ(figures.margins[1].moved, 0.5);
  EXPECT_EQ(figures.closest(), &figures.margins[1]);
  EXPECT_THAT(api::verdict(figures), HasSubstr("label of a region"));
}

TEST(CompareFigures, TheNextProposalBoundsTheMargin) {
  api::Side a = made_side();
  a.next_proposal = -1.25;
  EXPECT_EQ(api::figures_of(a, a).margins[0].distance, 0.25) << "below the threshold";
  a.next_proposal = -0.5;
  EXPECT_EQ(api::figures_of(a, a).margins[0].distance, 0.25) << "half-way to the last that was kept";
  a.next_proposal.reset();
  a.threshold = -std::numeric_limits<double>::infinity();
  EXPECT_EQ(api::figures_of(a, a).margins.size(), 1U) << "no threshold, none left";
}

TEST(CompareFigures, TheCasesMarginsAreOfBothTypes) {
  api::Side a = made_side();
  a.regions.push_back(region_of({{{0, 2, 0}, {0, 2, 0}, {0, 2, 0}}}, 0.5, 200));
  a.case_result = screening::decide_case(a.regions);
  const api::CompareFigures figures = api::figures_of(a, a);
  ASSERT_EQ(figures.margins.size(), 4U);
  const double covid = std::log1p(-a.regions[0].confidence), influenza = std::log1p(-a.regions[2].confidence);
  EXPECT_NEAR(figures.margins[2].distance, std::abs(covid - influenza), 1e-12);
  EXPECT_NEAR(figures.margins[3].distance, std::log(1.5) - std::abs(a.regions[0].confidence - a.regions[2].confidence),
              1e-12);
}

TEST(CompareFigures, OtherDecisionsAreNamed) {
  const api::Side a = made_side();
  api::Side b = made_side();
  b.regions[0] = region_of({{{3, 0, -1}, {1, 2, 0}, {0, 0, 5}}}, 0.75);
  b.case_result = screening::decide_case(b.regions);
  const api::CompareFigures other_label = api::figures_of(a, b);
  EXPECT_FALSE(other_label.same_decisions());
  EXPECT_EQ(other_label.votes_changed, 1);
  EXPECT_EQ(other_label.labels_changed, 1U);
  EXPECT_EQ(api::verdict(other_label), "different decisions: the case, 1 region's label");
  b = made_side();
  b.regions[1].box_mm.low[0] = b.regions[1].box_mm.high[0] - 4.9;  // less than half of it is left
  const api::CompareFigures elsewhere = api::figures_of(a, b);
  EXPECT_EQ(api::verdict(elsewhere), "different decisions: 1 region of A alone, 1 region of B alone");
  EXPECT_EQ(elsewhere.only_a, std::vector<std::size_t>{1});
  EXPECT_EQ(elsewhere.only_b, std::vector<std::size_t>{1});
}

TEST(CompareFigures, EachRegionHasOnePartnerAndTheNearestOne) {
  api::Side a = made_side(), b = made_side();
  a.regions[1].box_mm = {{0, 0, 2}, {10, 10, 12}};  // overlaps the first, too
  b.regions = {a.regions[1]};
  const api::CompareFigures figures = api::figures_of(a, b);
  ASSERT_EQ(figures.pairs.size(), 1U);
  EXPECT_EQ(figures.pairs[0].a, 1U);
  EXPECT_EQ(figures.only_a, std::vector<std::size_t>{0});
}

/// No movement of the logits by less than the distance changes a label, and where images agree one by hardly more does.
TEST(CompareFigures, TheDistanceOfALabelIsABound) {
  std::mt19937_64 random(7);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> sign(-1, 1);
  int reached = 0;
  for (int trial = 0; trial < 300; ++trial) {
    std::array<std::array<double, 3>, 3> logits{};
    for (auto& image : logits)
      for (double& logit : image) logit = normal(random);
    const Region region = region_of(logits);
    const double distance = api::label_distance(region);
    ASSERT_GE(distance, 0);
    bool changed = false;
    for (int attempt = 0; attempt < 200; ++attempt) {
      auto within = logits, beyond = logits;
      for (int i = 0; i < 3; ++i)
        for (int k = 0; k < 3; ++k) {
          const double way = sign(random) < 0 ? -1 : 1;
          within[i][k] += way * 0.999 * distance;
          beyond[i][k] += way * 1.001 * distance;
        }
      EXPECT_EQ(region_of(within).label, region.label);
      changed = changed || region_of(beyond).label != region.label;
    }
    reached += changed ? 1 : 0;
  }
  EXPECT_GT(reached, 150);
}

class CompareTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    patient_ = new Volume(test::small_phantom(1).volume);
    folder_ = new test::TemporaryFolder;
  }
  static void TearDownTestSuite() {
    delete patient_;
    delete folder_;
  }
  static nlohmann::json compared(const std::filesystem::path& weights, const std::string& a, const std::string& b,
                                 const ScreenOptions& screen = {}) {
    CompareOptions options;
    options.a = parse_configuration(a);
    options.b = parse_configuration(b);
    options.screen = screen;
    const Comparison comparison = compare_configurations(weights, *patient_, options);
    const auto json = nlohmann::json::parse(comparison.json);
    EXPECT_EQ(json["same_decisions"], comparison.same_decisions);
    EXPECT_THAT(comparison.table, HasSubstr("verdict: " + json["verdict"].get<std::string>()));
    return json;
  }

  static Volume* patient_;
  static test::TemporaryFolder* folder_;
};

Volume* CompareTest::patient_ = nullptr;
test::TemporaryFolder* CompareTest::folder_ = nullptr;

TEST_F(CompareTest, TheSameConfigurationIsIdentical) {
  for (const char* architecture : {"vnet-ir-rpn", "vnet"}) {
    const auto json = compared(test::small_weights(*folder_, architecture), "cpu", "cpu,threads=1");
    EXPECT_TRUE(json["identical"]) << json.dump(1);
    EXPECT_GT(json["lungs"]["voxels"], 1000);
    EXPECT_GT(json["segmenter"]["largest_logit"], 0);
  }
}

/// Each side is what an engine gives, and the figures are what follows from the two results.
TEST_F(CompareTest, HoldsTwoPrecisionsAgainstEachOther) {
  const std::filesystem::path weights = test::small_weights(*folder_);
  const auto json = compared(weights, "cpu", "cpu,bf16");
  EXPECT_FALSE(json["identical"]);
  EXPECT_EQ(json["lungs"]["different"], 0);
  EXPECT_GT(json["segmenter"]["logits"]["max"], 0);
  EXPECT_LE(json["segmenter"]["logits"]["mean"], json["segmenter"]["logits"]["p99"]);
  EXPECT_LE(json["segmenter"]["logits"]["p99"], json["segmenter"]["logits"]["max"]);
  for (const auto& [side, only, words] : {std::tuple("a", "only_a", "cpu"), std::tuple("b", "only_b", "cpu,bf16")}) {
    const Result result = Engine(weights, parse_configuration(words)).screen(*patient_).result;
    EXPECT_EQ(json[side]["case"]["p_infection"], result.case_result.p_infection);
    EXPECT_EQ(json[side]["case"]["result"], to_string(result.case_result.result));
    std::multiset<double> expected, found;
    for (const Region& region : result.regions) expected.insert(region.confidence);
    for (const auto& pair : json["regions"]["matched"]) found.insert(pair[side]["confidence"].get<double>());
    for (const auto& alone : json["regions"][only]) found.insert(alone["confidence"].get<double>());
    EXPECT_EQ(found, expected);
  }
}

TEST_F(CompareTest, TheReferenceDecidesAsTheCpu) {
  const auto json = compared(test::small_weights(*folder_), "reference", "cpu");
  EXPECT_TRUE(json["same_decisions"]) << json.dump(1);
  EXPECT_EQ(json["lungs"]["different"], 0);
  EXPECT_GT(json["segmenter"]["logits"]["max"], 0);
  EXPECT_LT(json["segmenter"]["logits"]["max"], 1e-4 * json["segmenter"]["largest_logit"].get<double>());
}

/// What is next is what one more region brings.
TEST_F(CompareTest, TheMarginOfProposalsIsOfTheNextOne) {
  const std::filesystem::path weights = test::small_weights(*folder_);
  ScreenOptions three, four;
  three.max_regions = 3;
  four.max_regions = 4;
  const Result result = Engine(weights).screen(*patient_, four).result;
  std::vector<double> logits;
  for (const Region& region : result.regions)
    logits.push_back(std::log(region.proposal_score / (1 - region.proposal_score)));
  std::sort(logits.begin(), logits.end(), std::greater<>());
  ASSERT_EQ(logits.size(), 4U);
  const auto margin = compared(weights, "cpu", "cpu", three)["margins"][0];
  EXPECT_EQ(margin["decision"], "proposals");
  EXPECT_NEAR(margin["distance"], (logits[2] - logits[3]) / 2, 1e-9);
}

TEST_F(CompareTest, NamesTheConfigurationThatFails) {
  const std::filesystem::path weights = test::small_weights(*folder_);
  for (const auto& [b, status] : {std::pair("cpu,fp16", Status::usage), std::pair("cpu,fp32,cudnn", Status::usage)})
    try {
      (void)compared(weights, "cpu", b);
      ADD_FAILURE() << b;
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), status);
      EXPECT_THAT(error.what(), HasSubstr(std::string(b)));
    }
  CompareOptions options;
  options.b = parse_configuration("cpu,cudnn");
  const Progress none = [](std::string_view stage, double) {
    ADD_FAILURE() << stage << ": b is refused before the work";
  };
  EXPECT_THROW((void)compare_configurations(weights, *patient_, options, none), Error);
  Volume broken = *patient_;
  broken.hu.pop_back();
  EXPECT_THROW((void)compare_configurations(weights, broken, {}), Error);
}

}  // namespace
}  // namespace pleura
