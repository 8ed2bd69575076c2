#include "evaluate/statistics.hpp"

#include <algorithm>
#include <cmath>

#include "phantom/random.hpp"

namespace pleura::evaluate {
namespace {

constexpr int kBins = 10;

void sort_by_falling_score(std::vector<Scored>& scored) {
  std::sort(scored.begin(), scored.end(), [](const Scored& a, const Scored& b) { return a.score > b.score; });
}

/// A percentile of sorted values, linear between them (numpy's default).
double percentile(const std::vector<double>& sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

}  // namespace

std::vector<CurvePoint> roc_curve(std::vector<Scored> scored) {
  const auto positives = std::count_if(scored.begin(), scored.end(), [](const Scored& one) { return one.positive; });
  const auto negatives = static_cast<std::int64_t>(scored.size()) - positives;
  if (positives == 0 || negatives == 0) return {};
  sort_by_falling_score(scored);
  std::vector<CurvePoint> curve{{0, 0}};
  std::int64_t right = 0, wrong = 0;
  for (std::size_t i = 0; i < scored.size(); ++i) {
    (scored[i].positive ? right : wrong) += 1;
    if (i + 1 < scored.size() && scored[i + 1].score == scored[i].score) continue;
    curve.push_back({static_cast<double>(wrong) / static_cast<double>(negatives),
                     static_cast<double>(right) / static_cast<double>(positives)});
  }
  return curve;
}

std::optional<double> roc_auc(std::vector<Scored> scored) {
  const std::vector<CurvePoint> curve = roc_curve(std::move(scored));
  if (curve.empty()) return std::nullopt;
  double area = 0;
  for (std::size_t i = 1; i < curve.size(); ++i)
    area += (curve[i].x - curve[i - 1].x) * (curve[i].y + curve[i - 1].y) / 2;
  return area;
}

Calibration calibrate(const std::vector<Scored>& scored) {
  Calibration result;
  result.bins.resize(kBins);
  result.count = static_cast<std::int64_t>(scored.size());
  if (scored.empty()) return result;
  for (const auto& [score, right] : scored) {
    Bin& bin = result.bins[std::clamp(static_cast<int>(score * kBins), 0, kBins - 1)];
    bin.mean_score += score;
    bin.share_right += right;
    ++bin.count;
    result.brier += std::pow(score - right, 2) / static_cast<double>(scored.size());
  }
  for (Bin& bin : result.bins) {
    if (bin.count == 0) continue;
    bin.mean_score /= static_cast<double>(bin.count);
    bin.share_right /= static_cast<double>(bin.count);
    result.expected_error += std::abs(bin.mean_score - bin.share_right) * static_cast<double>(bin.count) /
                             static_cast<double>(scored.size());
  }
  return result;
}

std::optional<Interval> bootstrap(std::size_t n, int resamples, std::uint64_t seed,
                                  const std::function<std::optional<double>(const Sample&)>& figure) {
  if (n == 0) return std::nullopt;
  phantom::Random random(seed, "bootstrap");
  std::vector<double> values;
  Sample sample(n);
  for (int i = 0; i < resamples; ++i) {
    for (std::size_t& index : sample) index = random.integer(0, static_cast<int>(n) - 1);
    if (const std::optional<double> value = figure(sample)) values.push_back(*value);
  }
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  return Interval{percentile(values, 0.025), percentile(values, 0.975)};
}

}  // namespace pleura::evaluate
