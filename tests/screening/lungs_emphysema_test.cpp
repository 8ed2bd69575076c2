// Lungs that are nearly as empty as air, and the air beside them that is no lung; lungs of small bodies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <functional>

#include "phantom/phantom.hpp"
#include "pleura/error.hpp"
#include "screening/lungs.hpp"
#include "synthetic_chest.hpp"

namespace pleura::screening {
namespace {

using test::Chest;
using test::ChestOptions;
using test::dice;
using test::emphysematous_and_cut;
using test::make_chest;
using test::share;

/// Whole numbers of [-most, most], the same ones for the same seed.
class Noise {
 public:
  explicit Noise(int most) : most_(most) {}
  int operator()() {
    state_ = state_ * 1664525U + 1013904223U;
    return most_ > 0 ? static_cast<int>(state_ >> 16) % (2 * most_ + 1) - most_ : 0;
  }

 private:
  int most_;
  std::uint32_t state_ = 7;
};

/// A point of the chest, mm, and its label of the truth.
struct Place {
  double x = 0, y = 0, z = 0;
  std::uint8_t label = 0;
};

/// Gives voxels of the lungs another density; `is_lung` false: they become air beside the lungs.
void fill(Chest& chest, const std::function<bool(const Place&)>& where, int hu, int noise, bool is_lung = true) {
  const Geometry& geometry = chest.volume.geometry;
  Noise next(noise);
  std::size_t i = 0;
  for (std::int64_t z = 0; z < geometry.shape[0]; ++z)
    for (std::int64_t y = 0; y < geometry.shape[1]; ++y)
      for (std::int64_t x = 0; x < geometry.shape[2]; ++x, ++i) {
        const Point3 p = geometry.to_world({static_cast<double>(z), static_cast<double>(y), static_cast<double>(x)});
        if (chest.truth[i] == 0 || !where({p[0], p[1], p[2], chest.truth[i]})) continue;
        chest.volume.hu[i] = static_cast<std::int16_t>(hu + next());
        if (is_lung) continue;
        chest.truth[i] = 0;
        chest.others[i] = 1;
      }
}

void expect_found(const Chest& chest, double least_dice = 0.97) {
  const MaskedLungs lungs = find_lungs(chest.volume, 2);
  EXPECT_GE(dice(lungs.mask, chest.truth, 1), least_dice) << "left";
  EXPECT_GE(dice(lungs.mask, chest.truth, 2), least_dice) << "right";
  const auto in_mask = [&](std::size_t i) { return lungs.mask[i] != 0; };
  EXPECT_LE(share(chest.airway, in_mask), 0.1) << "of the airways";
  EXPECT_LE(share(chest.others, in_mask), 0.02) << "of what is no lung";
}

TEST(EmphysematousLungs, AreFoundAtEveryDensity) {
  for (const int hu : {-880, -910, -930, -940, -950, -960, -970})
    for (const double gap : {24.0, 2.5}) {
      SCOPED_TRACE(testing::Message() << hu << " HU, " << gap << " mm apart");
      ChestOptions options;
      options.lung_hu = hu;
      options.gap = gap;
      expect_found(make_chest(options), gap > 10 ? 0.97 : 0.95);
    }
}

TEST(LongEmphysematousLungs, AreFoundWhereAThirdIsNearlyEmpty) {
  const auto low = [](const Place& p) { return p.z < 85; };
  const auto high = [](const Place& p) { return p.z > 155; };
  const auto left = [](const Place& p) { return p.label == 1; };
  const auto left_base = [](const Place& p) { return p.label == 1 && p.z < 85; };
  for (const int rest : {-850, -910})
    for (const auto& where : std::vector<std::function<bool(const Place&)>>{low, high, left, left_base})
      for (const int hu : {-950, -970}) {
        SCOPED_TRACE(testing::Message() << hu << " HU in lungs of " << rest);
        ChestOptions options;
        options.lung_hu = rest;
        Chest chest = make_chest(options);
        fill(chest, where, hu, 12);
        expect_found(chest);
      }
}

TEST(EmphysematousLungs, KeepTheirBullae) {
  ChestOptions options;
  options.lung_hu = -930;
  options.lesions = {{90, 10, 130, 30, -1000}, {-80, -20, 150, 22, -995}, {-95, 30, 90, 25, -1000}};
  expect_found(make_chest(options));
}

TEST(EmphysematousLungs, AreFoundWhereTheFieldOfViewCutsThem) {
  expect_found(make_chest(emphysematous_and_cut({})), 0.96);
}

TEST(EmphysematousLungs, AreFoundWhereAirDoesNotReadAsMinusThousand) {
  for (const int offset : {-15, 20}) {
    SCOPED_TRACE(offset);
    ChestOptions options;
    options.lung_hu = -930;
    options.others = {{80, 5, 22, 27, -1000}};
    Chest chest = make_chest(options);
    fill(
        chest, [](const Place& p) { return p.label == 2 && p.z < 85; }, -965, 12);
    for (std::int16_t& hu : chest.volume.hu) hu = static_cast<std::int16_t>(std::max(-1024, hu + offset));
    expect_found(chest, 0.96);
  }
}

TEST(EmphysematousLungs, AreToldFromStomachAndBowel) {
  for (const int hu : {-850, -910, -940}) {
    SCOPED_TRACE(hu);
    ChestOptions options;
    options.lung_hu = hu;
    options.others = {{80, 5, 22, 27, -1000}, {-20, -70, 8, 14, -1000}, {30, -60, 10, 12, -980}};
    expect_found(make_chest(options), 0.96);
    options.others = {{-10, 30, 60, 26, -1000}};  // a hiatus hernia, between the lungs
    expect_found(make_chest(options), 0.96);
  }
}

TEST(EmphysematousLungs, AreToldFromAPneumothorax) {
  const auto in_front = [](const Place& p) { return p.label == 1 && p.y < -30; };
  const auto at_the_apex = [](const Place& p) { return p.label == 2 && p.z > 165; };
  const auto most_of_a_side = [](const Place& p) { return p.label == 1 && (p.x > 60 || p.z > 165); };
  for (const int hu : {-850, -920})
    for (const auto& where : std::vector<std::function<bool(const Place&)>>{in_front, at_the_apex, most_of_a_side}) {
      SCOPED_TRACE(hu);
      ChestOptions options;
      options.lung_hu = hu;
      Chest chest = make_chest(options);
      fill(chest, where, -1000, 20, false);
      const MaskedLungs lungs = find_lungs(chest.volume, 2);
      const auto in_mask = [&](std::size_t i) { return lungs.mask[i] != 0; };
      // A hull and a rim's width of it go along, and of the lung beside it.
      EXPECT_LE(share(chest.others, in_mask), 0.15);
      EXPECT_GE(share(chest.truth, in_mask), 0.9);
    }
}

TEST(EmphysematousLungs, AreToldFromACompletePneumothorax) {
  ChestOptions options;
  options.lung_hu = -920;
  Chest chest = make_chest(options);
  fill(
      chest, [](const Place& p) { return p.label == 1; }, -1000, 20, false);
  const MaskedLungs lungs = find_lungs(chest.volume, 2);
  EXPECT_EQ(lungs.summary.left_litres, 0);
  EXPECT_GE(dice(lungs.mask, chest.truth, 2), 0.97);
}

/// Air in the chest often reads above that in the trachea: what is as empty is lung only if vessels run through it.
TEST(EmphysematousLungs, AreToldFromGasByTheirVessels) {
  const auto base = [](const Place& p) { return p.label == 2 && p.z < 75; };
  for (const bool has_vessels : {true, false}) {
    SCOPED_TRACE(has_vessels);
    Chest chest = make_chest({});
    fill(chest, base, -995, 15, has_vessels);
    if (has_vessels)
      fill(
          chest,
          [&](const Place& p) { return base(p) && std::hypot(std::remainder(p.x, 30), std::remainder(p.y, 30)) < 2.5; },
          0, 0);
    const MaskedLungs lungs = find_lungs(chest.volume, 2);
    if (has_vessels)
      EXPECT_GE(dice(lungs.mask, chest.truth, 2), 0.96);
    else
      EXPECT_LE(share(chest.others, [&](std::size_t i) { return lungs.mask[i] != 0; }), 0.05);
  }
}

/// The same chest at a child's size; in a wide field of view where asked for.
Chest make_child(double size, bool wide) {
  ChestOptions options;
  options.half_x = wide ? 600 : 190;
  options.low_y = wide ? -600 : -150;
  options.high_y = wide ? 600 : 190;
  Chest chest = make_chest(options);
  for (double& spacing : chest.volume.geometry.spacing) spacing *= size;
  return chest;
}

TEST(LungsOfChildren, AreFound) {
  for (const double size : {0.7, 0.5, 0.4, 0.3})
    for (const bool wide : {false, true}) {
      if (wide && size > 0.3) continue;  // the smallest is the hardest
      SCOPED_TRACE(testing::Message() << 344 * size << " mm wide" << (wide ? ", in a wide field of view" : ""));
      expect_found(make_child(size, wide), 0.97);
    }
}

TEST(LungsOfChildren, AreNotTheAirOfAHead) {
  ChestOptions options;
  options.has_left = options.has_right = false;
  // 60 ml in pieces, half of it beside tissue: not gas alone.
  for (double z = 60; z <= 160; z += 50)
    for (const double x : {-40.0, 40.0}) options.others.push_back({x, -20, z, 27, -880});
  Chest chest = make_chest(options);
  for (double& spacing : chest.volume.geometry.spacing) spacing *= 0.45;
  try {
    static_cast<void>(find_lungs(chest.volume, 2));
    FAIL() << "not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::input_refused);
    EXPECT_THAT(error.what(), testing::HasSubstr("no lungs found"));
  }
}

/// Prints the table of docs/lungs.md.
TEST(LongLungsOfPhantoms, AreFoundAtEverySeverityOfEmphysema) {
  using phantom::EmphysemaDistribution;
  std::printf(
      "| distribution | severity | below -950 HU | Dice left, right | found left, right |\n|---|---|---|---|---|\n");
  for (const auto distribution : {EmphysemaDistribution::diffuse, EmphysemaDistribution::upper,
                                  EmphysemaDistribution::lower, EmphysemaDistribution::bullous})
    for (const double severity : {0.5, 0.8, 1.0}) {
      phantom::PhantomOptions options;
      options.seed = 101;
      options.acquisition.spacing = {5, 2, 2};
      options.acquisition.matrix = 192;
      options.findings = CaseLabel::no_infection_found;
      options.emphysema = {severity, distribution};
      const phantom::Phantom made = phantom::make_phantom(options);
      const MaskedLungs lungs = find_lungs(made.volume, 2);
      std::array<double, 2> dices{}, found{};
      for (const int label : {1, 2}) {
        std::vector<std::uint8_t> lung(made.lungs.size());
        for (std::size_t i = 0; i < lung.size(); ++i) lung[i] = made.lungs[i] == label ? 1 : 0;
        dices[label - 1] = dice(lungs.mask, made.lungs, label);
        found[label - 1] = share(lung, [&](std::size_t i) { return lungs.mask[i] == label; });
        EXPECT_GE(dices[label - 1], 0.98) << phantom::to_string(distribution) << " " << severity;
        EXPECT_GE(found[label - 1], 0.98) << phantom::to_string(distribution) << " " << severity;
      }
      std::printf("| %s | %.1f | %.0f %% | %.3f, %.3f | %.1f %%, %.1f %% |\n", phantom::to_string(distribution),
                  severity, 100 * made.emphysema->share_below_950, dices[0], dices[1], 100 * found[0], 100 * found[1]);
    }
}

}  // namespace
}  // namespace pleura::screening
