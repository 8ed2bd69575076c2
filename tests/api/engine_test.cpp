/// The whole pipeline, from a volume to a case.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <map>

#include "api/fixture.hpp"
#include "files/sha256.hpp"
#include "layers/inference.hpp"
#include "runtime/memory.hpp"
#include "screening/lungs.hpp"
#include "screening/noisy_or.hpp"
#include "screening/sampling.hpp"

namespace pleura {
namespace {

using testing::ElementsAre;
using testing::Gt;
using testing::HasSubstr;
using testing::Pair;

class EngineTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    patient_ = new Volume(test::small_phantom(1).volume);
    folder_ = new test::TemporaryFolder;
    weights_ = new std::filesystem::path(test::small_weights(*folder_));
  }
  static void TearDownTestSuite() {
    delete patient_;
    delete folder_;
    delete weights_;
  }

  static Screening screen(const EngineOptions& options = {}, const ScreenOptions& overrides = {}) {
    return Engine(*weights_, options).screen(*patient_, overrides);
  }

  static Volume* patient_;
  static test::TemporaryFolder* folder_;
  static std::filesystem::path* weights_;
};

Volume* EngineTest::patient_ = nullptr;
test::TemporaryFolder* EngineTest::folder_ = nullptr;
std::filesystem::path* EngineTest::weights_ = nullptr;

/// Everything computed is the same, bit for bit.
void expect_equal(const Result& a, const Result& b) {
  EXPECT_FALSE(a.regions.empty());
  ASSERT_EQ(a.regions.size(), b.regions.size());
  for (std::size_t i = 0; i < a.regions.size(); ++i) {
    EXPECT_EQ(a.regions[i].label, b.regions[i].label);
    EXPECT_EQ(a.regions[i].box_voxels, b.regions[i].box_voxels);
    EXPECT_EQ(a.regions[i].box_mm, b.regions[i].box_mm);
    EXPECT_EQ(a.regions[i].proposal_score, b.regions[i].proposal_score);
    for (int k = 0; k < 3; ++k) EXPECT_EQ(a.regions[i].votes[k].logits, b.regions[i].votes[k].logits);
  }
  EXPECT_EQ(a.case_result.result, b.case_result.result);
  EXPECT_EQ(a.case_result.p_covid19, b.case_result.p_covid19);
  EXPECT_EQ(a.case_result.p_influenza_a, b.case_result.p_influenza_a);
  EXPECT_EQ(a.run.network_macs, b.run.network_macs);
}

template <class Work>
Error refusal(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "expected an Error";
  return {Status::done, ""};
}

TEST_F(EngineTest, ScreensAPatient) {
  std::vector<std::string> stages;
  double last = -1;
  Engine engine(*weights_);
  const Screening screening = engine.screen(*patient_, {}, [&](std::string_view stage, double done) {
    if (stages.empty() || stages.back() != stage) stages.emplace_back(stage);
    EXPECT_GE(done, last);
    EXPECT_LE(done, 1);
    last = done;
  });
  const Result& result = screening.result;
  EXPECT_THAT(stages, ElementsAre("lungs", "resample", "segmenter", "candidates", "patches", "classifier", "decision"));
  ASSERT_EQ(result.stages.size(), stages.size());
  for (std::size_t i = 0; i < stages.size(); ++i) {
    EXPECT_EQ(result.stages[i].name, stages[i]);
    EXPECT_GE(result.stages[i].seconds, 0);
  }
  EXPECT_EQ(result.geometry, patient_->geometry);
  EXPECT_EQ(screening.volume.hu, patient_->hu);
  EXPECT_EQ(screening.lungs.size(), patient_->hu.size());
  EXPECT_GT(result.lungs.left_litres, 0.5);
  EXPECT_EQ(result.run.version, version());
  EXPECT_EQ(result.run.device, "cpu");
  EXPECT_EQ(result.run.precision, "fp32");
  EXPECT_EQ(result.run.classifier, "m2");
  EXPECT_EQ(result.run.segmenter_architecture, "vnet-ir-rpn");
  EXPECT_EQ(result.run.weights_sha256.size(), 64U);
  EXPECT_GT(result.run.network_macs, 0);
  std::map<std::string, int> layers;
  for (const VariantUse& use : result.run.variants) layers[use.network] += use.layers;
  EXPECT_THAT(layers, ElementsAre(Pair("classifier", Gt(20)), Pair("segmenter", Gt(40))));
  for (const auto size : result.run.network_shape) EXPECT_EQ(size % 16, 0);
}

TEST_F(EngineTest, SaysWhatItScreenedAndHow) {
  EngineOptions options;
  options.memory_bytes = std::uint64_t{4} << 30;
  Volume ct = *patient_;
  ct.provenance.emplace().study_uid = "1.2.3";
  const auto before = std::chrono::system_clock::now();
  const Result result = Engine(*weights_, options).screen(ct).result;
  EXPECT_EQ(result.input.provenance.study_uid, "1.2.3");
  EXPECT_EQ(result.options.weights, weights_->string());
  EXPECT_EQ(result.options.memory_bytes, std::uint64_t{4} << 30);
  EXPECT_EQ(result.options.threshold, 0) << "of the weights";
  EXPECT_EQ(result.options.max_regions, 8) << "of the weights";
  ScreenOptions overrides;
  overrides.threshold = 0.5;
  overrides.max_regions = 3;
  const OptionsUsed used = screen({}, overrides).result.options;
  EXPECT_EQ(used.threshold, 0.5);
  EXPECT_EQ(used.max_regions, 3);
  EXPECT_GE(result.run.started, before);
  EXPECT_LE(result.run.started, std::chrono::system_clock::now());
  double stages = 0;
  for (const StageTime& stage : result.stages) stages += stage.seconds;
  EXPECT_GE(result.run.seconds_total, stages);
}

/// The hash as another program would take it: of the values' bytes, the lower one first.
TEST_F(EngineTest, HashesTheVoxels) {
  std::vector<std::uint8_t> bytes;
  for (const std::int16_t hu : patient_->hu) {
    bytes.push_back(static_cast<std::uint8_t>(hu & 0xff));
    bytes.push_back(static_cast<std::uint8_t>(hu >> 8 & 0xff));
  }
  files::Sha256 hash;
  hash.update(bytes);
  const std::string expected = hash.hex();
  EXPECT_EQ(screen().result.input.voxels_sha256, expected);
  Volume other = *patient_;
  other.hu.back() ^= 1;
  EXPECT_NE(Engine(*weights_).screen(other).result.input.voxels_sha256, expected);
}

TEST_F(EngineTest, RegionsHoldTogether) {
  const Screening screening = screen();
  const Result& result = screening.result;
  ASSERT_FALSE(result.regions.empty());
  EXPECT_LE(result.regions.size(), 8U);
  const Index3& shape = patient_->geometry.shape;
  bool irrelevant_seen = false;
  for (std::size_t i = 0; i < result.regions.size(); ++i) {
    const Region& region = result.regions[i];
    irrelevant_seen = irrelevant_seen || region.label == Label::irrelevant;
    EXPECT_EQ(region.label == Label::irrelevant, irrelevant_seen) << "the infected ones come first";
    for (int axis = 0; axis < 3; ++axis) {
      EXPECT_GE(region.box_voxels.low[axis], 0);
      EXPECT_LT(region.box_voxels.low[axis], region.box_voxels.high[axis]);
      EXPECT_LE(region.box_voxels.high[axis], shape[axis]);
    }
    for (const ImageVote& vote : region.votes) {
      EXPECT_NEAR(vote.probabilities[0] + vote.probabilities[1] + vote.probabilities[2], 1, 1e-12);
      EXPECT_GE(vote.slice, 0);
      EXPECT_LT(vote.slice, shape[0]);
      EXPECT_GE(vote.distance_from_edge, 0);
    }
    EXPECT_LE(region.votes[0].slice, region.votes[1].slice);
    EXPECT_LE(region.votes[1].slice, region.votes[2].slice);
    EXPECT_EQ(region.distance_from_edge, region.votes[1].distance_from_edge);
  }
  EXPECT_EQ(screening::decide_case(result.regions).confidence, result.case_result.confidence);
}

TEST_F(EngineTest, IsTheSameTwiceAndOnAUsedEngine) {
  const Screening first = screen();
  Engine engine(*weights_);
  (void)engine.screen(test::small_phantom(2, CaseLabel::influenza_a).volume);
  expect_equal(first.result, engine.screen(*patient_).result);
  expect_equal(first.result, engine.screen(*patient_).result);
}

TEST_F(EngineTest, IsTheSameOnAnyNumberOfThreads) {
  EngineOptions options;
  options.threads = 1;
  const Screening one = screen(options);
  for (const int threads : {2, 3}) {
    options.threads = threads;
    const Screening several = screen(options);
    expect_equal(one.result, several.result);
    EXPECT_EQ(several.result.run.threads, threads);
  }
}

TEST_F(EngineTest, IsTheSameInAnyMemoryThatIsEnough) {
  // A segmenter that needs more than the classifier, so that the bound is felt.
  const weights::Model model = test::small_model("vnet-rpn", {8, 8, 8, 16, 16}, 3.5);
  const std::filesystem::path file = *folder_ / "wide.h5";
  weights::write_model(model, file, false);
  const Screening free = Engine(file).screen(*patient_);
  const Index3 shape = free.result.run.network_shape;
  const layers::PlanFigures needed =
      layers::SegmenterNetwork(*model.segmenter, kernels::open_device("cpu", 0)).figures(shape);
  // The bound is of the whole process: from plenty down to where the plan has no room.
  EngineOptions options;
  bool refused = false;
  int same = 0;
  for (double share = 3; !refused; share -= 0.5) {
    const double plan = static_cast<double>(needed.arena_bytes + needed.weight_bytes);
    options.memory_bytes =
        static_cast<std::uint64_t>(std::max(static_cast<double>(resident_bytes()) + share * plan, 1.0));
    try {
      expect_equal(free.result, Engine(file, options).screen(*patient_).result);
      ++same;
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::resources) << error.what();
      refused = true;
    }
  }
  EXPECT_GT(same, 1);

  options.memory_bytes = 1000;
  const Error error = refusal([&] { (void)Engine(file, options).screen(*patient_); });
  EXPECT_EQ(error.status(), Status::resources);
  EXPECT_THAT(error.what(), testing::ContainsRegex("[0-9.]+ MiB of memory are needed to load the networks, 0.0 MiB"));
}

TEST_F(EngineTest, AgreesWithTheReferenceDevice) {
  EngineOptions options;
  options.device = "reference";
  const Screening reference = screen(options), cpu = screen();
  EXPECT_EQ(reference.result.run.device, "reference");
  EXPECT_EQ(reference.lungs, cpu.lungs);
  ASSERT_FALSE(cpu.result.regions.empty());
  ASSERT_EQ(reference.result.regions.size(), cpu.result.regions.size());
  for (std::size_t i = 0; i < cpu.result.regions.size(); ++i) {
    const Region &a = reference.result.regions[i], &b = cpu.result.regions[i];
    EXPECT_EQ(a.label, b.label);
    for (int k = 0; k < 3; ++k) {
      EXPECT_NEAR(a.box_mm.low[k], b.box_mm.low[k], 1e-2);
      for (int c = 0; c < 3; ++c) {
        // A cube that rounding moved by a hair moves single pixels of its patches by one HU.
        const double logit = a.votes[k].logits[c];
        EXPECT_NEAR(logit, b.votes[k].logits[c], 2e-3 * std::max(10.0, std::abs(logit)));
      }
    }
  }
  EXPECT_EQ(reference.result.case_result.result, cpu.result.case_result.result);
}

TEST_F(EngineTest, RunsInBf16) {
  EngineOptions options;
  options.precision = Precision::bf16;
  const Screening screening = screen(options);
  EXPECT_EQ(screening.result.run.precision, "bf16");
  EXPECT_FALSE(screening.result.regions.empty());
}

TEST_F(EngineTest, M1LooksAtTheImagesAlone) {
  EngineOptions options;
  options.classifier = Classifier::m1;
  const Screening m1 = screen(options), m2 = screen();
  EXPECT_EQ(m1.result.run.classifier, "m1");
  ASSERT_FALSE(m1.result.regions.empty());
  ASSERT_EQ(m1.result.regions.size(), m2.result.regions.size());
  EXPECT_NE(m1.result.regions[0].votes[0].logits, m2.result.regions[0].votes[0].logits);
}

TEST_F(EngineTest, OverridesTheThresholdAndTheNumberOfRegions) {
  ScreenOptions overrides;
  overrides.max_regions = 2;
  const Screening two = screen({}, overrides);
  EXPECT_EQ(two.result.regions.size(), 2U);
  EXPECT_THAT(two.result.warnings, testing::Contains(HasSubstr("only the best 2")));
  overrides.threshold = 1;
  const Screening none = screen({}, overrides);
  EXPECT_TRUE(none.result.regions.empty());
  EXPECT_EQ(none.result.case_result.result, CaseLabel::no_infection_found);
  overrides.threshold = 1.5;
  EXPECT_EQ(refusal([&] { (void)screen({}, overrides); }).status(), Status::usage);
  overrides = {};
  overrides.max_regions = -1;
  EXPECT_EQ(refusal([&] { (void)screen({}, overrides); }).status(), Status::usage);
}

TEST_F(EngineTest, ScreensWithAMaskHead) {
  weights::Model model = test::small_model("vnet");
  model.segmenter->settings.threshold = 0.5;
  model.segmenter->settings.min_component_ml = 0;
  const std::filesystem::path file = *folder_ / "mask.h5";
  weights::write_model(model, file, false);
  const Screening screening = Engine(file).screen(*patient_);
  EXPECT_EQ(screening.result.run.segmenter_architecture, "vnet");
}

TEST_F(EngineTest, NamesWhatAWeightsFileLacks) {
  weights::Model model = test::small_model();
  model.classifiers.erase("m2");
  const std::filesystem::path file = *folder_ / "lacking.h5";
  weights::write_model(model, file, false);
  const Error no_m2 = refusal([&] { Engine{file}; });
  EXPECT_EQ(no_m2.status(), Status::weights_refused);
  EXPECT_THAT(no_m2.what(), HasSubstr("no /classifiers/m2"));
  EXPECT_THAT(no_m2.what(), HasSubstr("found: m1"));

  model.segmenter.reset();
  weights::write_model(model, file, false);
  const Error no_segmenter = refusal([&] { Engine{file}; });
  EXPECT_EQ(no_segmenter.status(), Status::weights_refused);
  EXPECT_THAT(no_segmenter.what(), HasSubstr("no /segmenter"));
}

TEST_F(EngineTest, RefusesNetworksThatOverflow) {
  weights::Model model = test::small_model();
  for (auto& [name, tensor] : model.segmenter->tensors)
    for (float& value : tensor.values) value *= 1e20F;
  for (auto& [name, tensor] : model.segmenter->tensors)
    if (name.ends_with("running_var")) tensor.values.assign(tensor.values.size(), 1);
  const std::filesystem::path file = *folder_ / "overflow.h5";
  weights::write_model(model, file, false);
  const Error error = refusal([&] { (void)Engine(file).screen(*patient_); });
  EXPECT_EQ(error.status(), Status::weights_refused);
  EXPECT_THAT(error.what(), HasSubstr("segmenter's layer "));
}

TEST_F(EngineTest, TellsHowFarItIs) {
  std::vector<std::pair<std::string, double>> heard;
  (void)Engine(*weights_).screen(*patient_, {},
                                 [&](std::string_view stage, double done) { heard.emplace_back(stage, done); });
  const auto shares_of = [&](std::string_view stage) {
    return std::count_if(heard.begin(), heard.end(), [&](const auto& one) { return one.first == stage; });
  };
  EXPECT_GT(shares_of("segmenter"), 10) << "the segmenter, which takes longest, should tell after each layer";
  for (const char* stage : {"lungs", "resample", "candidates", "patches", "classifier", "decision"})
    EXPECT_EQ(shares_of(stage), 1) << stage;
}

TEST_F(EngineTest, StopsInsideTheSegmenterWhereItsCallerThrows) {
  struct Stop {};
  Engine engine(*weights_);
  int heard = 0;
  const auto stop_inside = [&](std::string_view stage, double /*done*/) {
    if (stage == "segmenter" && ++heard == 5) throw Stop{};
  };
  EXPECT_THROW((void)engine.screen(*patient_, {}, stop_inside), Stop);
  EXPECT_EQ(heard, 5);
  expect_equal(engine.screen(*patient_).result, screen().result);
}

TEST_F(EngineTest, RefusesVolumesWithoutLungsOrSense) {
  Engine engine(*weights_);
  Volume water = *patient_;
  std::fill(water.hu.begin(), water.hu.end(), std::int16_t{0});
  EXPECT_EQ(refusal([&] { (void)engine.screen(water); }).status(), Status::input_refused);
  Volume cut = *patient_;
  cut.hu.pop_back();
  EXPECT_EQ(refusal([&] { (void)engine.screen(cut); }).status(), Status::input_refused);
  EXPECT_EQ(refusal([&] { (void)engine.screen({}); }).status(), Status::input_refused);
}

}  // namespace
}  // namespace pleura
