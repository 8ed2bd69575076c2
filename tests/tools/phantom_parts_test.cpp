/// What phantoms are made of: random numbers, noise, trees, findings, scanner, cohorts.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "phantom/cohort.hpp"
#include "phantom/noise.hpp"
#include "phantom/random.hpp"
#include "phantom/scanner.hpp"

namespace pleura::phantom {
namespace {

TEST(PhantomRandom, MixIsSplitMix64) {
  // First outputs of the published generator for the seeds 0 and 1234567 (Vigna, splitmix64.c).
  EXPECT_EQ(mix(0), 0xe220a8397b1dcdafULL);
  EXPECT_EQ(mix(1234567), 6457827717110365317ULL);
}

TEST(PhantomRandom, StreamsHaveTheirMomentsAndDiffer) {
  Random a(1, "one"), b(1, "two");
  EXPECT_NE(a.bits(), b.bits());
  double sum = 0, squares = 0;
  constexpr int count = 20000;
  for (int i = 0; i < count; ++i) {
    const double value = a.normal(3, 2);
    sum += value;
    squares += value * value;
    const int whole = b.integer(2, 4);
    EXPECT_TRUE(whole >= 2 && whole <= 4);
  }
  EXPECT_NEAR(sum / count, 3, 0.06);
  EXPECT_NEAR(std::sqrt(squares / count - sum / count * sum / count), 2, 0.05);
}

TEST(PhantomNoise, IsBoundedAndSmooth) {
  float steepest = 0;
  for (int i = 0; i < 3000; ++i) {
    const Vec3 p{0.37F * static_cast<float>(i) - 400, 11, -3.3F};
    const float value = value_noise(7, p, 20);
    EXPECT_LE(std::abs(value), 1);
    EXPECT_LE(length(vector_noise(7, p, 20)), 1.74F);
    steepest = std::max(steepest, std::abs(value_noise(7, p + Vec3{0.01F, 0, 0}, 20) - value) / 0.01F);
  }
  EXPECT_GT(steepest, 0.01F);
  EXPECT_LT(steepest, 0.16F) << "mm^-1: at most 1.5 * 2 / 20";
}

TEST(PhantomAnatomy, LungsKeepToTheirOwnPlace) {
  const Anatomy anatomy(draw_patient(2));
  const auto lung = [&](float x, float y, float z) { return anatomy.lung_at(anatomy.from_average({x, y, z})); };
  EXPECT_LT(lung(-80, 10, 0), -10);
  EXPECT_LT(lung(80, 10, 0), -10);
  EXPECT_GT(lung(0, 20, 40), 0) << "mediastinum";
  EXPECT_GT(lung(25, -30, -70), 10) << "heart";
  EXPECT_GT(lung(-70, 0, -130), 10) << "liver";
  EXPECT_GT(lung(80, 10, 150), 0) << "shoulder";
  const Vec3 p{31, -17, 44}, back = anatomy.from_average(anatomy.to_average(p));
  EXPECT_NEAR(length(back - p), 0, 1e-4);
}

TEST(PhantomFindings, HaveTheirDiseasesHabits) {
  double covid_depth = 0, covid_hu = 0, influenza_depth = 0, influenza_hu = 0;
  int covid = 0, influenza = 0;
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    const Anatomy anatomy(draw_patient(seed));
    const Trees trees = grow_trees(anatomy);
    for (const Lesion& lesion : draw_findings(anatomy, trees, CaseLabel::no_infection_found, seed).lesions) {
      EXPECT_EQ(lesion.label, Label::irrelevant);
    }
    for (const Lesion& lesion : draw_findings(anatomy, trees, CaseLabel::covid19, seed).lesions) {
      if (lesion.label != Label::covid19) continue;
      covid_depth -= anatomy.lung_at(lesion.centre);
      covid_hu += lesion.hu;
      ++covid;
    }
    for (const Lesion& lesion : draw_findings(anatomy, trees, CaseLabel::influenza_a, seed).lesions) {
      if (lesion.label != Label::influenza_a) continue;
      influenza_depth -= anatomy.lung_at(lesion.centre);
      influenza_hu += lesion.hu;
      ++influenza;
    }
  }
  ASSERT_GE(covid, 18);
  ASSERT_GE(influenza, 12);
  EXPECT_LT(covid_depth / covid + 4, influenza_depth / influenza) << "mm below the pleura";
  EXPECT_LT(covid_hu / covid + 150, influenza_hu / influenza);
}

TEST(PhantomScanner, NoiseHasTheDeviationAndTextureAskedFor) {
  Geometry geometry;
  geometry.shape = {1, 160, 160};
  geometry.spacing = {5, 0.75, 0.75};
  Slice slice;
  slice.hu.assign(160 * 160, 40);
  slice.depth.assign(160 * 160, 200);
  double last_neighbour = 1;
  for (const float kernel : {0.F, 1.F}) {
    Scanner scanner;
    scanner.noise = 20;
    scanner.kernel = kernel;
    const std::vector<std::int16_t> hu = scan_slice(scanner, geometry, slice, 3);
    double sum = 0, squares = 0, neighbours = 0, count = 0;
    for (int y = 40; y < 120; ++y) {
      for (int x = 40; x < 120; ++x) {
        const double value = hu[y * 160 + x] - 40.0;
        sum += value;
        squares += value * value;
        neighbours += value * (hu[y * 160 + x + 1] - 40.0);
        count += 1;
      }
    }
    EXPECT_NEAR(sum / count, 0, 1.5);
    EXPECT_NEAR(std::sqrt(squares / count), 20, 2);
    EXPECT_LT(neighbours / squares, last_neighbour) << "sharper kernels have finer noise";
    last_neighbour = neighbours / squares;
    EXPECT_EQ(hu.front(), scanner.padding);
  }
}

TEST(PhantomCohort, CasesVaryAndTheGroupsAreEqual) {
  CohortOptions options;
  options.count = 60;
  options.seed = 3;
  std::array<int, 3> groups{};
  std::set<std::uint64_t> seeds;
  std::set<double> thicknesses;
  for (int i = 0; i < options.count; ++i) {
    const PhantomOptions made = cohort_case(options, i);
    ++groups[static_cast<int>(*made.findings)];
    seeds.insert(made.seed);
    const auto& spacing = made.acquisition.spacing;
    thicknesses.insert(spacing[0]);
    EXPECT_TRUE(spacing[0] >= 1 && spacing[0] <= 8);
    EXPECT_TRUE(spacing[1] >= 0.6 && spacing[1] <= 0.9) << spacing[1];
    EXPECT_EQ(spacing[1], spacing[2]);
    EXPECT_GE(spacing[1] * 512, 310 * draw_patient(made.seed).size_x) << "the field of view cuts the lungs";
  }
  EXPECT_EQ(groups, (std::array<int, 3>{20, 20, 20}));
  EXPECT_EQ(seeds.size(), 60U);
  EXPECT_GE(thicknesses.size(), 5U);
  options.seed = 5;
  EXPECT_FALSE(seeds.contains(cohort_case(options, 0).seed));
}

}  // namespace
}  // namespace pleura::phantom
