/// The order of the stages and their times; whole screenings are tests/api's.
#include "screening/pipeline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pleura/error.hpp"
#include "screening/on_cpu.hpp"
#include "screening/synthetic_chest.hpp"

namespace pleura::screening {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::Pair;

TEST(StageTimer, ReportsEqualSharesAndKeepsTimes) {
  std::vector<std::pair<std::string, double>> heard;
  StageTimer stages(2, [&](std::string_view stage, double done) { heard.emplace_back(stage, done); });
  EXPECT_EQ(stages.run("first", [] { return 7; }), 7);
  stages.run("second", [&] { stages.advance(0.5); });
  EXPECT_THAT(heard, ElementsAre(Pair("first", 0), Pair("second", 0.5), Pair("second", 0.75)));
  EXPECT_THAT(stages.times(), ElementsAre(Field(&StageTime::name, "first"), Field(&StageTime::name, "second")));
  for (const StageTime& stage : stages.times()) EXPECT_GE(stage.seconds, 0);
}

TEST(Pipeline, ProposesNothingWithoutNetworks) {
  const test::Chest chest = test::make_chest({});
  const EngineOptions options{.threads = 2};
  StageTimer stages(Pipeline::propose_stages + Pipeline::cut_stages, {});
  const kernels::OpenDevice device = open_device(options);
  Pipeline pipeline(device, chest.volume, options, stages);
  const Proposals found = pipeline.propose({}, nullptr);
  EXPECT_GT(found.lungs.summary.left_litres, 0);
  EXPECT_FALSE(pipeline.instrument().read(found.grid.hu).empty());
  EXPECT_TRUE(found.candidates.kept.empty());
  EXPECT_TRUE(pipeline.cut(found.lungs, found.candidates.kept, 60, 60).regions.empty());
  EXPECT_THAT(stages.times(), ElementsAre(Field(&StageTime::name, "lungs"), Field(&StageTime::name, "resample"),
                                          Field(&StageTime::name, "patches")));
}

TEST(Pipeline, CutsEachCandidateInItsOwnPlace) {
  const test::Chest chest = test::make_chest({});
  const EngineOptions options{.threads = 2};
  StageTimer stages(Pipeline::propose_stages + Pipeline::cut_stages, {});
  const kernels::OpenDevice device = open_device(options);
  Pipeline pipeline(device, chest.volume, options, stages);
  MaskedLungs lungs{pipeline.propose({}, nullptr).lungs, {}};
  lungs.mask = pipeline.instrument().read(lungs.labels);
  std::vector<Candidate> candidates(5);
  for (std::size_t i = 0; i < candidates.size(); ++i) candidates[i].centre = {10 + 4 * static_cast<double>(i), 60, 50};
  const Patches patches = pipeline.cut(lungs, candidates, 60, 20);
  ASSERT_EQ(patches.regions.size(), candidates.size());
  std::vector<std::int16_t> expected;
  for (const Candidate& candidate : candidates) {
    const ReadPatches alone = cut_region(chest.volume, lungs, candidate.centre, 60, 20);
    expected.insert(expected.end(), alone.hu.begin(), alone.hu.end());
  }
  EXPECT_EQ(pipeline.instrument().read(patches.hu), expected);
}

TEST(Pipeline, RefusesABoundThatTheLungsDoNotFit) {
  const test::Chest chest = test::make_chest({});
  const EngineOptions options{.memory_bytes = 1};
  StageTimer stages(Pipeline::propose_stages, {});
  try {
    (void)Pipeline(open_device(options), chest.volume, options, stages).propose({}, nullptr);
    FAIL() << "expected a refusal";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::resources);
  }
}

}  // namespace
}  // namespace pleura::screening
