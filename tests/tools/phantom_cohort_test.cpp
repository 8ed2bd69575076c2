/// Cohorts: their groups, what varies between cases, and going on after a break.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "api/fixture.hpp"
#include "phantom/cohort.hpp"
#include "phantom/command.hpp"
#include "tools/slurp.hpp"

namespace pleura::phantom {
namespace {

namespace fs = std::filesystem;
using test::slurp;

CohortOptions tiny_cohort(const fs::path& folder) {
  CohortOptions options;
  options.count = 3;
  options.seed = 4;
  options.recipe = "held-out-3";
  options.common.acquisition.slices = 12;
  options.common.acquisition.matrix = 64;
  options.spacing = {20, 6, 6};
  options.output = {folder, Format::nifti};
  return options;
}

class PhantomCohortTest : public testing::Test {
 protected:
  test::TemporaryFolder folder_;
};

TEST(PhantomRecipe, GroupsHaveThePapersShares) {
  std::array<int, 3> groups{};
  const Recipe& train = find_recipe("train-3");
  for (int i = 0; i < 618; ++i) {
    ++groups[static_cast<int>(case_group(train, i))];
    // Along the way, too, no group lags by more than a case.
    const std::array<int, 3> shares = train.shares;
    for (const auto& [label, share] :
         {std::pair{CaseLabel::no_infection_found, shares[0]}, std::pair{CaseLabel::covid19, shares[1]},
          std::pair{CaseLabel::influenza_a, shares[2]}}) {
      EXPECT_NEAR(groups[static_cast<int>(label)], (i + 1) * share / 618.0, 1.01) << i;
    }
  }
  EXPECT_EQ(groups[static_cast<int>(CaseLabel::no_infection_found)], 175);
  EXPECT_EQ(groups[static_cast<int>(CaseLabel::covid19)], 219);
  EXPECT_EQ(groups[static_cast<int>(CaseLabel::influenza_a)], 224);

  groups = {};
  for (int i = 0; i < 90; ++i) ++groups[static_cast<int>(case_group(find_recipe("held-out-3"), i))];
  EXPECT_EQ(groups, (std::array<int, 3>{30, 30, 30}));
  EXPECT_THROW((void)find_recipe("train"), Error);
}

TEST(PhantomRecipe, CasesVaryWithinTheirRecipe) {
  CohortOptions options;
  options.seed = 3;
  std::set<std::uint64_t> seeds;
  for (const Recipe& recipe : recipes()) {
    options.recipe = recipe.name;
    std::set<double> thicknesses, kernels, noise;
    for (int i = 0; i < 60; ++i) {
      const PhantomOptions made = cohort_case(options, i).options;
      seeds.insert(made.seed);
      const auto& spacing = made.acquisition.spacing;
      thicknesses.insert(spacing[0]);
      EXPECT_TRUE(spacing[0] >= 1 && spacing[0] <= 8);
      EXPECT_TRUE(spacing[1] >= 0.6 && spacing[1] <= 0.9) << spacing[1];
      EXPECT_EQ(spacing[1], spacing[2]);
      EXPECT_GE(spacing[1] * 512, 310 * draw_patient(made.seed, recipe.population).size_x) << "lungs cut off";
      kernels.insert(*made.acquisition.kernel);
      noise.insert(made.acquisition.noise_factor);
      EXPECT_TRUE(noise.size() == kernels.size() && *kernels.rbegin() <= recipe.kernel.high);
    }
    EXPECT_GE(thicknesses.size(), 5U);
    EXPECT_EQ(kernels.size(), 60U);
  }
  EXPECT_EQ(seeds.size(), 60 * recipes().size()) << "no patient is in two recipes' cohorts";
  options.seed = 5;
  EXPECT_FALSE(seeds.contains(cohort_case(options, 0).options.seed));
}

TEST(PhantomRecipe, BackgroundsAreUsedForTheirShare) {
  CohortOptions options;
  options.backgrounds = {"one", "two"};
  const auto used = [&] {
    std::map<std::string, int> count;
    for (int i = 0; i < 400; ++i) ++count[cohort_case(options, i).background.value_or("none").string()];
    return count;
  };
  auto count = used();
  EXPECT_NEAR(count["none"], 280, 35);
  EXPECT_NEAR(count["one"], 60, 25);
  EXPECT_NEAR(count["two"], 60, 25);
  options.background_share = 1;
  EXPECT_EQ(used()["none"], 0);
  options.backgrounds.clear();
  EXPECT_EQ(used()["none"], 400);
}

TEST_F(PhantomCohortTest, ListsItsCasesAndGoesOnWhereItWas) {
  const CohortOptions options = tiny_cohort(folder_ / "cohort");
  write_cohort(options);
  EXPECT_EQ(slurp(folder_ / "cohort/cohort.csv"),
            "path,case,truth\n"
            "case-0001/ct.nii.gz,no_infection_found,case-0001/truth.json\n"
            "case-0002/ct.nii.gz,covid19,case-0002/truth.json\n"
            "case-0003/ct.nii.gz,influenza_a,case-0003/truth.json\n");
  const auto truth = nlohmann::json::parse(slurp(folder_ / "cohort/case-0002/truth.json"));
  EXPECT_EQ(truth["recipe"], "held-out-3");
  EXPECT_EQ(truth["background"], "");
  EXPECT_EQ(truth["case"], "covid19");

  const std::string second = slurp(folder_ / "cohort/case-0002/ct.nii.gz");
  fs::remove_all(folder_ / "cohort/case-0002");
  fs::remove(folder_ / "cohort/cohort.csv");
  std::ofstream(folder_ / "cohort/case-0001/truth.json") << "kept";
  write_cohort(options);
  EXPECT_EQ(slurp(folder_ / "cohort/case-0002/ct.nii.gz"), second);
  EXPECT_EQ(slurp(folder_ / "cohort/case-0001/truth.json"), "kept");
  EXPECT_TRUE(fs::exists(folder_ / "cohort/cohort.csv"));
}

TEST_F(PhantomCohortTest, CommandDrawsByARecipeAndRefusesUnknownOnes) {
  const std::string out = (folder_ / "asked").string();
  CLI::App app;
  add_phantom_command(app);
  app.parse(
      "phantom --cohort 2 --seed 4 --recipe held-out-3 --slices 9 --spacing 18,7,7 --matrix 64 --format nifti --out " +
      out);
  EXPECT_TRUE(fs::exists(fs::path(out) / "case-0002/ct.nii.gz"));
  CLI::App other;
  add_phantom_command(other);
  try {
    other.parse("phantom --cohort 2 --seed 4 --recipe best --out " + out + "2");
    FAIL() << "an unknown recipe";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::usage);
    EXPECT_THAT(error.what(), testing::HasSubstr("train-3, held-out-3"));
  }
  EXPECT_FALSE(fs::exists(out + "2"));
}

}  // namespace
}  // namespace pleura::phantom
