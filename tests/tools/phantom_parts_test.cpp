/// What phantoms are made of: random numbers, noise, trees, findings, scanner.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "phantom/lesions.hpp"
#include "phantom/noise.hpp"
#include "phantom/placing.hpp"
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

TEST(PhantomNoise, CellsAreOfOneValueAndDiffer) {
  int changes = 0;
  float last = cell_value(3, {0, 0, 0}, 13), lowest = last, highest = last;
  for (int i = 1; i < 4000; ++i) {
    const float value = cell_value(3, {0.1F * static_cast<float>(i), 5, 8}, 13);
    changes += value != last ? 1 : 0;
    last = value;
    lowest = std::min(lowest, value);
    highest = std::max(highest, value);
  }
  EXPECT_GT(changes, 15) << "400 mm of cells 13 mm wide";
  EXPECT_LT(changes, 80);
  EXPECT_GE(lowest, -1);
  EXPECT_LE(highest, 1);
  EXPECT_GT(highest - lowest, 1);
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
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    const Anatomy anatomy(draw_patient(seed));
    const Trees trees = grow_trees(anatomy);
    const PatientLungs lungs(anatomy, trees);
    for (const Lesion& lesion : draw_findings(lungs, CaseLabel::no_infection_found, seed).lesions) {
      EXPECT_EQ(lesion.label, Label::irrelevant);
    }
    for (const Lesion& lesion : draw_findings(lungs, CaseLabel::covid19, seed).lesions) {
      if (lesion.label != Label::covid19) continue;
      covid_depth -= anatomy.lung_at(lesion.centre);
      covid_hu += lesion.hu;
      ++covid;
    }
    for (const Lesion& lesion : draw_findings(lungs, CaseLabel::influenza_a, seed).lesions) {
      if (lesion.label != Label::influenza_a) continue;
      influenza_depth -= anatomy.lung_at(lesion.centre);
      influenza_hu += lesion.hu;
      ++influenza;
    }
  }
  ASSERT_GE(covid, 36);
  ASSERT_GE(influenza, 24);
  EXPECT_LT(covid_depth / covid + 15, influenza_depth / influenza) << "mm below the pleura";
  EXPECT_NEAR(covid_hu / covid, influenza_hu / influenza, 60) << "HU: should look alike";
}

// A ball for a lung, of any size.
class Ball final : public Host {
 public:
  explicit Ball(float radius, bool costal = true) : radius_(radius), costal_(costal) {}
  [[nodiscard]] float lung_at(Vec3 p) const override { return length(p) - radius_; }
  [[nodiscard]] bool costal(Vec3) const override { return costal_; }
  [[nodiscard]] Bounds bounds() const override { return {{-radius_, -radius_, -radius_}, {radius_, radius_, radius_}}; }
  [[nodiscard]] const std::vector<Trees::Station>& stations() const override { return stations_; }

 private:
  float radius_;
  bool costal_;
  std::vector<Trees::Station> stations_{{{15, 0, 0}, {}, 1}, {{8, 0, 0}, {}, 1}, {{0, 0, 0}, {}, 3}};
};

TEST(PhantomDrawer, PlacesInProportionToTheLungs) {
  for (const float radius : {20.F, 47.F, 60.F}) {
    const Ball ball(radius);
    Drawer draw(ball, 3, "test");
    for (int i = 0; i < 50; ++i) {
      const float depth = -ball.lung_at(draw.find({.shallowest = 30, .deepest = 40, .costal = true})) / radius;
      EXPECT_GT(depth, 28.F / 47) << radius;
      EXPECT_LT(depth, 42.F / 47) << radius;
    }
  }
}

TEST(PhantomDrawer, FindsTheNearestWhereThereIsNoSuchPlace) {
  const Ball ball(20);
  Drawer draw(ball, 3, "test");
  EXPECT_LT(ball.lung_at(draw.find({.shallowest = 90, .deepest = 95, .costal = true})), -17);
  const Ball no_ribs(20, false);
  EXPECT_LT(no_ribs.lung_at(Drawer(no_ribs, 3, "test").find({.shallowest = 1, .deepest = 5, .costal = true})), 0);

  EXPECT_EQ(draw.station(0.5F, 2, 0).radius, 1);
  EXPECT_EQ(draw.station(0.5F, 2, 40).point.x, 8) << "the deepest of that radius";
  EXPECT_EQ(draw.station(7, 9, 0).radius, 3) << "none has it: the last";
}

TEST(PhantomScanner, NoiseHasTheDeviationAndTextureAskedFor) {
  Geometry geometry;
  geometry.shape = {1, 160, 160};
  geometry.spacing = {5, 0.75, 0.75};
  Slice slice;
  slice.hu.assign(160 * 160, 40);
  slice.depth.assign(160 * 160, 200);
  slice.motion.assign(160 * 160, 0);
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

TEST(PhantomScanner, WhatMovesIsBlurredAndWhatRestsIsNot) {
  Geometry geometry;
  geometry.shape = {1, 160, 160};
  geometry.spacing = {5, 0.75, 0.75};
  Slice slice;
  slice.hu.assign(160 * 160, -850);
  slice.depth.assign(160 * 160, 200);
  slice.motion.assign(160 * 160, 0);
  for (int y = 60; y < 100; ++y) std::fill_n(slice.hu.begin() + y * 160 + 60, 40, 40.F);  // a square heart
  Scanner scanner;
  scanner.noise = 0;
  const auto between = [&](const std::vector<std::int16_t>& hu) {
    return std::count_if(hu.begin(), hu.end(), [](std::int16_t value) { return value > -800 && value < -10; });
  };
  const std::vector<std::int16_t> still = scan_slice(scanner, geometry, slice, 0);
  slice.motion.assign(160 * 160, 3);
  const std::vector<std::int16_t> moved = scan_slice(scanner, geometry, slice, 0);
  EXPECT_GT(between(moved), between(still) + 200);
  EXPECT_EQ(moved[80 * 160 + 80], 40) << "the middle looks the same";
}

}  // namespace
}  // namespace pleura::phantom
