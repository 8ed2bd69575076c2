/// The parts of `pleura evaluate`, and the command on a small cohort: shared out, resumed, merged.
#include "evaluate/evaluate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "api/fixture.hpp"
#include "evaluate/detection.hpp"
#include "evaluate/figures.hpp"
#include "evaluate/matching.hpp"
#include "phantom/cohort.hpp"

namespace pleura::evaluate {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

WorldBox cube(double centre, double side) {
  const double low = centre - side / 2, high = centre + side / 2;
  return {{low, low, low}, {high, high, high}};
}

std::string slurp(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void spill(const fs::path& file, const std::string& text) { std::ofstream(file, std::ios::binary) << text; }

std::string failure(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing failed";
}

TEST(Cohort, WithoutEndIsRefused) {
  const pleura::test::TemporaryFolder folder;
  EXPECT_THAT(failure([&] { (void)read_cohort("/dev/zero"); }), HasSubstr("/dev/zero: found more than 16777216 bytes"));
  spill(folder / "truth.json", std::string((16 << 20) + 10, '['));
  EXPECT_THAT(failure([&] { (void)read_lesions(folder / "truth.json"); }), HasSubstr("found more than 16777216 bytes"));
  spill(folder / "truth.json", std::string(100000, '[') + std::string(100000, ']'));
  EXPECT_THAT(failure([&] { (void)read_lesions(folder / "truth.json"); }), HasSubstr("no boxes"));
}

TEST(Matching, CentreInsideOrEnoughOverlapHits) {
  const std::vector<Lesion> lesions{{Finding::covid19, cube(0, 40)}};
  EXPECT_EQ(hits(cube(19, 10), lesions), std::vector<int>{0}) << "small, its centre inside";
  EXPECT_TRUE(hits(cube(21, 10), lesions).empty()) << "touches";
  EXPECT_EQ(hits(cube(0, 70), lesions), std::vector<int>{0});
  EXPECT_DOUBLE_EQ(iou(cube(0, 20), cube(0, 40)), 0.125);
  EXPECT_EQ(iou(cube(0, 20), cube(100, 20)), 0);
}

TEST(Matching, TrueLabelIsOfTheLesionOverlappedMost) {
  const std::vector<Lesion> lesions{
      {Finding::influenza_a, cube(0, 100)}, {Finding::covid19, cube(0, 20)}, {Finding::ignored, cube(200, 20)}};
  EXPECT_EQ(true_label(cube(0, 20), lesions), Label::covid19);
  EXPECT_EQ(true_label(cube(0, 90), lesions), Label::influenza_a);
  EXPECT_EQ(true_label(cube(-200, 20), lesions), Label::irrelevant);
  EXPECT_EQ(true_label(cube(200, 20), lesions), std::nullopt);
}

TEST(Statistics, RocAucCountsPairs) {
  EXPECT_EQ(roc_auc({{0.9, true}, {0.8, false}, {0.7, true}, {0.1, false}}), 0.75);
  EXPECT_EQ(roc_auc({{1, true}, {1, false}}), 0.5) << "a tie counts half";
  EXPECT_EQ(roc_auc({{1, true}}), std::nullopt);
}

TEST(Statistics, CalibrationOfPerfectAndOfOverconfidentScores) {
  EXPECT_NEAR(calibrate({{1, true}, {0, false}}).expected_error, 0, 1e-12);
  const Calibration bold = calibrate({{1, true}, {1, false}});
  EXPECT_NEAR(bold.expected_error, 0.5, 1e-12);
  EXPECT_NEAR(bold.brier, 0.5, 1e-12);
  EXPECT_EQ(bold.bins.back().count, 2);
}

TEST(Statistics, BootstrapPairsFiguresAndRepeats) {
  const auto mean = [](const Sample& sample) -> std::optional<double> {
    double sum = 0;
    for (const std::size_t i : sample) sum += static_cast<double>(i % 2);
    return sum / static_cast<double>(sample.size());
  };
  const auto interval = bootstrap(100, 2000, 7, mean);
  ASSERT_TRUE(interval);
  EXPECT_NEAR(interval->low, 0.5 - 1.96 * 0.05, 0.02);  // a binomial of 100 halves
  EXPECT_NEAR(interval->high, 0.5 + 1.96 * 0.05, 0.02);
  EXPECT_EQ(bootstrap(100, 2000, 7, mean)->low, interval->low);
  const auto paired =
      bootstrap(100, 100, 7, [&](const Sample& s) -> std::optional<double> { return *mean(s) - *mean(s); });
  EXPECT_EQ(paired->high, 0);
}

TEST(Detection, CountsEachLesionOnceAndSparesOtherKinds) {
  Record record;
  record.has_lesions = true;
  record.lesions = {Finding::covid19, Finding::covid19, Finding::irrelevant, Finding::ignored};
  record.proposals = {{0.9, {}, {0}}, {0.8, {}, {}}, {0.7, {}, {0}}, {0.6, {}, {2}}, {0.5, {}, {3}}, {0.4, {}, {1}}};
  const Froc infected = froc({record}, {0}, Targets::infected), all = froc({record}, {0}, Targets::all);
  EXPECT_EQ(infected.lesions, 2);
  EXPECT_EQ(all.lesions, 3);
  EXPECT_EQ(infected.sensitivity(0), 0.5);
  EXPECT_EQ(infected.sensitivity(1), 1);
  EXPECT_EQ(froc({record, record}, {0, 1}, Targets::infected).sensitivity(0.5), 0.5) << "one false of two CTs each";
}

class EvaluateTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new test::TemporaryFolder;
    weights_ = new fs::path(test::small_weights(*folder_));
    for (int i = 0; i < 3; ++i) {
      const CaseLabel label = static_cast<CaseLabel>(i);
      phantom::write_phantom(test::small_phantom(i + 1, label), i + 1,
                             {*folder_ / std::to_string(i), phantom::Format::nifti, false});
    }
    spill(*folder_ / "cohort.csv",
          "case,path,truth\nno_infection_found,0/ct.nii.gz,0/truth.json\ncovid19,1/ct.nii.gz,1/truth.json\n"
          "influenza_a,2/ct.nii.gz,\n");
  }
  static void TearDownTestSuite() {
    delete folder_;
    delete weights_;
  }

  static Request request(const std::string& out) {
    Request request;
    request.cohort = *folder_ / "cohort.csv";
    request.weights = *weights_;
    request.out = *folder_ / out;
    return request;
  }

  static test::TemporaryFolder* folder_;
  static fs::path* weights_;
};

test::TemporaryFolder* EvaluateTest::folder_ = nullptr;
fs::path* EvaluateTest::weights_ = nullptr;

TEST_F(EvaluateTest, ShardsMergedAreAWholeRun) {
  Request whole = request("whole");
  EXPECT_THAT(evaluate(whole, {}), HasSubstr("M2 less M1"));
  for (const char* name : {"evaluation.json", "froc.png", "roc.png", "calibration.png"})
    EXPECT_TRUE(fs::exists(whole.out / name)) << name;

  Request merged = request("shards");
  merged.merge = true;
  EXPECT_THAT(failure([&] { (void)evaluate(merged, {}); }), HasSubstr("0001.json: not there"));
  for (int i = 1; i <= 2; ++i) {
    Request part = request("shards");
    part.shard = Shard{i, 2};
    EXPECT_THAT(evaluate(part, {}), HasSubstr(i == 1 ? "2 CTs screened" : "1 CTs screened"));
    EXPECT_THAT(evaluate(part, {}), HasSubstr("0 CTs screened")) << "finished CTs are not screened again";
  }
  (void)evaluate(merged, {});
  const auto without_time = [](std::string json) {
    const std::size_t at = json.find("\"seconds_per_ct\"");
    return json.erase(at, json.find('\n', at) - at);
  };
  EXPECT_EQ(without_time(slurp(merged.out / "evaluation.json")), without_time(slurp(whole.out / "evaluation.json")));
}

TEST_F(EvaluateTest, RecordsOfAnotherSettingAreRefused) {
  Request first = request("setting");
  (void)evaluate(first, {});
  Request second = request("setting");
  second.screen.max_regions = 2;
  EXPECT_THAT(failure([&] { (void)evaluate(second, {}); }), HasSubstr("choose another --out"));
}

TEST_F(EvaluateTest, ARefusedCtIsCountedApart) {
  spill(*folder_ / "broken.csv", "path,case\n1/ct.nii.gz,covid19\ncohort.csv,covid19\n");
  Request some = request("broken");
  some.cohort = *folder_ / "broken.csv";
  EXPECT_THAT(evaluate(some, {}), HasSubstr("1 refused"));
  ASSERT_EQ(some.problems.size(), 1U);
  EXPECT_THAT(some.problems[0], HasSubstr("cohort.csv"));
}

TEST_F(EvaluateTest, BadTablesAreNamed) {
  const auto reading = [](const std::string& text) {
    spill(*folder_ / "bad.csv", text);
    return failure([] { (void)read_cohort(*folder_ / "bad.csv"); });
  };
  EXPECT_THAT(reading(""), HasSubstr("bad.csv: empty, expected a table"));
  EXPECT_THAT(reading("path,label\na,b\n"), HasSubstr("heading 'path,label', expected path,case,truth"));
  EXPECT_THAT(reading("path,case\na,covid\n"), HasSubstr("row 1: case 'covid', expected"));
  EXPECT_THAT(reading("path,case\na\n"), HasSubstr("row 1: 'a', expected 2 fields"));
  EXPECT_THAT(reading("path,case\n"), HasSubstr("no rows"));
  spill(*folder_ / "quoted.csv", "path,case\r\n\"a, \"\"b\"\"\",covid19\r\n");
  EXPECT_EQ(read_cohort(*folder_ / "quoted.csv").front().name, "a, \"b\"");
}

}  // namespace
}  // namespace pleura::evaluate
