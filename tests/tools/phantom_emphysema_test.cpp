/// The phantom's emphysema: off by default, where and as much as asked for, and in its truth.
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "phantom/command.hpp"
#include "phantom/phantom.hpp"
#include "phantom/truth.hpp"

namespace pleura::phantom {
namespace {

Phantom make(double severity, EmphysemaDistribution distribution, int threads = 0) {
  PhantomOptions options;
  options.seed = 31;
  options.findings = CaseLabel::no_infection_found;
  options.acquisition.spacing = {9, 4.4, 4.4};
  options.acquisition.matrix = 80;
  options.acquisition.noise = 5;
  options.emphysema = {severity, distribution};
  options.threads = threads;
  return make_phantom(options);
}

/// Median HU of the lungs between two shares of the slices that hold them.
double median(const Phantom& phantom, double low, double high) {
  const std::int64_t plane = phantom.volume.geometry.shape[1] * phantom.volume.geometry.shape[2];
  const auto is_lung = [](std::uint8_t label) { return label != 0; };
  const std::int64_t first = std::find_if(phantom.lungs.begin(), phantom.lungs.end(), is_lung) - phantom.lungs.begin();
  const std::int64_t last =
      std::find_if(phantom.lungs.rbegin(), phantom.lungs.rend(), is_lung).base() - phantom.lungs.begin();
  const double bottom = static_cast<double>(first / plane), tall = static_cast<double>((last - 1) / plane + 1) - bottom;
  std::vector<std::int16_t> values;
  for (std::int64_t i = first; i < last; ++i) {
    const double height = (static_cast<double>(i / plane) - bottom) / tall;
    if (phantom.lungs[i] != 0 && height >= low && height < high) values.push_back(phantom.volume.hu[i]);
  }
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

double share_below(const Phantom& phantom, int hu) {
  double all = 0, low = 0;
  for (std::size_t i = 0; i < phantom.lungs.size(); ++i) {
    if (phantom.lungs[i] == 0) continue;
    ++all;
    low += phantom.volume.hu[i] < hu ? 1 : 0;
  }
  return low / all;
}

TEST(PhantomEmphysema, OfNoSeverityIsNone) {
  const Phantom none = make(0, EmphysemaDistribution::bullous), usual = make(0, EmphysemaDistribution::diffuse);
  EXPECT_EQ(none.volume.hu, usual.volume.hu);
  EXPECT_EQ(truth_json(none, 31).find("emphysema"), std::string::npos);
  EXPECT_GT(median(usual, 0, 1), -900);
}

TEST(PhantomEmphysema, IsTheSameOnAnyThreads) {
  const Phantom one = make(0.7, EmphysemaDistribution::bullous, 1),
                three = make(0.7, EmphysemaDistribution::bullous, 3);
  EXPECT_EQ(one.volume.hu, three.volume.hu);
  EXPECT_EQ(truth_json(one, 31), truth_json(three, 31));
}

TEST(PhantomEmphysema, GrowsWithItsSeverity) {
  double lost = share_below(make(0, EmphysemaDistribution::diffuse), -950), litres = 0;
  for (const double severity : {0.4, 0.7, 1.0}) {
    const Phantom phantom = make(severity, EmphysemaDistribution::diffuse);
    ASSERT_TRUE(phantom.emphysema);
    const double now = share_below(phantom, -950);
    EXPECT_NEAR(phantom.emphysema->share_below_950, now, 1e-12);
    EXPECT_GT(now, lost + 0.02) << severity;
    EXPECT_GT(phantom.left_litres + phantom.right_litres, litres) << severity;
    lost = now;
    litres = phantom.left_litres + phantom.right_litres;
  }
  EXPECT_GT(lost, 0.3);
}

TEST(PhantomEmphysema, LiesWhereItIsAskedFor) {
  const Phantom upper = make(1, EmphysemaDistribution::upper), lower = make(1, EmphysemaDistribution::lower),
                diffuse = make(1, EmphysemaDistribution::diffuse);
  EXPECT_LT(median(upper, 0.7, 1), median(upper, 0, 0.3) - 40);
  EXPECT_LT(median(lower, 0, 0.3), median(lower, 0.7, 1) - 40);
  EXPECT_NEAR(median(diffuse, 0, 0.3), median(diffuse, 0.7, 1), 25);
  const Phantom bullous = make(1, EmphysemaDistribution::bullous);
  EXPECT_GT(share_below(bullous, -985), 0.01);
  EXPECT_LT(share_below(make(0, EmphysemaDistribution::bullous), -985), 0.001);
  EXPECT_GT(median(bullous, 0, 0.3), -930) << "between the bullae there is lung";
}

TEST(PhantomEmphysema, IsInTheTruth) {
  const auto truth = nlohmann::json::parse(truth_json(make(0.8, EmphysemaDistribution::lower), 31));
  EXPECT_EQ(truth.at("emphysema").at("severity"), 0.8);
  EXPECT_EQ(truth.at("emphysema").at("distribution"), "lower");
  EXPECT_GT(truth.at("emphysema").at("share_below_950"), 0.02);
}

TEST(PhantomEmphysema, IsRefusedInABackground) {
  CLI::App app;
  add_phantom_command(app, {});
  try {
    app.parse("phantom --seed 1 --emphysema 0.5 --background ct --out folder");
    FAIL() << "not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::usage);
    EXPECT_NE(std::string(error.what()).find("--emphysema: found a --background"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace pleura::phantom
