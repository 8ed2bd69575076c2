/// Findings grown in a CT that is not of their making: here a phantom's, written and read back as any CT.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "api/fixture.hpp"
#include "phantom/background.hpp"
#include "phantom/command.hpp"
#include "phantom/truth.hpp"
#include "phantom/write.hpp"

namespace pleura::phantom {
namespace {

namespace fs = std::filesystem;

// A healthy chest, as a CT with a truth.json of its own beside it: one box over the right lower lung, for nothing to
// grow in.
const WorldBox closed{{-150, -150, -170}, {0, 150, -30}};

class PhantomBackgroundTest : public testing::Test {
 protected:
  PhantomBackgroundTest() {
    PhantomOptions healthy;
    healthy.seed = 21;
    healthy.lesions = false;
    healthy.findings = CaseLabel::no_infection_found;
    healthy.acquisition.spacing = {6, 3, 3};
    healthy.acquisition.matrix = 120;
    write_phantom(make_phantom(healthy), 21, {folder_ / "given", Format::nifti});
    const nlohmann::json truth{
        {"boxes", {{{"label", "ignore"}, {"box_mm", {{"low", closed.low}, {"high", closed.high}}}}}}};
    std::ofstream(folder_ / "given/truth.json") << truth;
    options_.seed = 8;
    options_.findings = CaseLabel::covid19;
    options_.background = read_background(folder_ / "given/ct.nii.gz");
    options_.acquisition.spacing = options_.background->volume.geometry.spacing;
    options_.acquisition.noise = 0;
  }

  test::TemporaryFolder folder_;
  PhantomOptions options_;
};

TEST_F(PhantomBackgroundTest, DistancesAreThoseToTheLungsSurface) {
  const Volume& volume = options_.background->volume;
  const RealLungs lungs(volume, {}, 1, 0);
  const Geometry& geometry = volume.geometry;
  std::int64_t i = 0, wrong = 0;
  for (std::int64_t z = 0; z < geometry.shape[0]; ++z) {
    for (std::int64_t y = 0; y < geometry.shape[1]; ++y) {
      for (std::int64_t x = 0; x < geometry.shape[2]; ++x, ++i) {
        const float d =
            lungs.lung_at({3.F * static_cast<float>(x), 3.F * static_cast<float>(y), 6.F * static_cast<float>(z)});
        wrong += (d < 0) != (lungs.mask()[i] != 0) ? 1 : 0;
      }
    }
  }
  EXPECT_EQ(wrong, 0);
  // Half way through a lung the pleura is some centimetres away, and never farther than half its width.
  float deepest = 0;
  for (const Trees::Station& station : lungs.stations()) deepest = std::min(deepest, lungs.lung_at(station.point));
  EXPECT_LT(deepest, -15);
  EXPECT_GT(deepest, -90);
  EXPECT_GT(lungs.stations().size(), 20U);
}

TEST_F(PhantomBackgroundTest, OnlyFindingsChangeTheCt) {
  options_.lesions = false;
  const Phantom before = make_phantom(options_);
  EXPECT_TRUE(before.regions.empty());
  options_.lesions = true;
  const Phantom grown = make_phantom(options_);
  ASSERT_EQ(grown.volume.hu.size(), before.volume.hu.size());
  EXPECT_EQ(grown.volume.geometry, options_.background->volume.geometry);
  int covid = 0;
  std::vector<double> change(grown.regions.size(), 0), voxels(grown.regions.size(), 0);
  for (std::size_t i = 0; i < grown.lesions.size(); ++i) {
    if (grown.lesions[i] == 0) continue;
    EXPECT_NE(grown.lungs[i], 0);
    change[grown.lesions[i] - 1] += grown.volume.hu[i] - before.volume.hu[i];
    voxels[grown.lesions[i] - 1] += 1;
  }
  for (std::size_t k = 0; k < grown.regions.size(); ++k) {
    const TrueRegion& region = grown.regions[k];
    if (region.label != Label::covid19) continue;
    ++covid;
    EXPECT_GT(change[k] / voxels[k], 60) << region.kind;
    const Point3& at = region.centre;
    EXPECT_FALSE(at[0] < 0 && at[2] < -30) << "within the closed box";
  }
  EXPECT_GE(covid, 2);
  // Far from any finding not a voxel differs.
  std::int64_t changed = 0, marked = 0;
  for (std::size_t i = 0; i < grown.lesions.size(); ++i) {
    changed += grown.volume.hu[i] != before.volume.hu[i] ? 1 : 0;
    marked += grown.lesions[i] != 0 ? 1 : 0;
  }
  EXPECT_GE(changed, marked / 2);
  EXPECT_LE(changed, 6 * marked + 500) << "soft edges are wider than what counts as the finding";
}

TEST_F(PhantomBackgroundTest, VesselsAndNoiseStay) {
  // A consolidation within ground noise: what was brighter stays brighter.
  const Volume& volume = options_.background->volume;
  const RealLungs lungs(volume, {}, 1, 0);
  Findings findings;
  Lesion lesion;
  lesion.centre = lungs.stations().front().point;
  lesion.radii = {30, 30, 30};
  lesion.hu = -450;
  lesion.edge = 1;
  findings.lesions.push_back(lesion);
  const std::int64_t z = std::lround(lesion.centre.z / 6);
  const RealLungs::Growth growth = lungs.grow(findings, z);
  const std::int64_t plane = volume.geometry.shape[1] * volume.geometry.shape[2];
  double air = 0, airs = 0, vessel = 0, vessels = 0;
  for (std::int64_t i = 0; i < plane; ++i) {
    if (growth.lesions[i] == 0) continue;
    const std::int16_t hu = volume.hu[z * plane + i];
    (hu > -300 ? vessel : air) += growth.hu[i];
    (hu > -300 ? vessels : airs) += 1;
  }
  ASSERT_GT(vessels, 5);
  ASSERT_GT(airs, 50);
  EXPECT_GT(air / airs, 200);
  EXPECT_LT(vessel / vessels, 0.6 * air / airs);
}

TEST_F(PhantomBackgroundTest, SameSeedGivesSameBytesOnAnyNumberOfThreads) {
  options_.threads = 1;
  const Phantom one = make_phantom(options_);
  options_.threads = 3;
  const Phantom three = make_phantom(options_);
  EXPECT_EQ(one.volume.hu, three.volume.hu);
  EXPECT_EQ(truth_json(one, 8), truth_json(three, 8));
  const auto truth = nlohmann::json::parse(truth_json(one, 8));
  EXPECT_EQ(truth["background"], (folder_ / "given/ct.nii.gz").string());
  EXPECT_EQ(truth["boxes"].back()["label"], "ignore");
  EXPECT_EQ(truth["boxes"].back()["box_mm"]["low"].get<Point3>(), closed.low);
}

TEST_F(PhantomBackgroundTest, ThickerSlicesAreMeansAndLieBetween) {
  Volume volume;
  volume.geometry.shape = {5, 1, 2};
  volume.geometry.spacing = {2, 1, 1};
  volume.geometry.origin = {3, 4, 5};
  volume.hu = {0, 10, 4, 20, 8, 30, 12, 40, 99, 99};
  const Volume thick = thicker(volume, 2);
  EXPECT_EQ(thick.geometry.shape, (Index3{2, 1, 2}));
  EXPECT_EQ(thick.hu, (std::vector<std::int16_t>{2, 15, 10, 35}));
  EXPECT_EQ(thick.geometry.origin, (Point3{3, 4, 6}));
  EXPECT_EQ(thick.geometry.spacing[0], 4);
}

TEST_F(PhantomBackgroundTest, RefusesWhatIsNoTruthAndSeveralForOne) {
  std::ofstream(folder_ / "given/truth.json") << "{\"boxes\": [{\"label\": 3}]}";
  try {
    (void)read_background(folder_ / "given/ct.nii.gz");
    FAIL() << "a truth without boxes";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::input_refused);
    EXPECT_THAT(error.what(), testing::HasSubstr("truth.json"));
  }
  CLI::App app;
  add_phantom_command(app);
  EXPECT_THROW(app.parse("phantom --seed 1 --background a --background b --out " + (folder_ / "out").string()), Error);
  EXPECT_FALSE(fs::exists(folder_ / "out"));
}

}  // namespace
}  // namespace pleura::phantom
