#pragma once
/// Figures of the same work done several times.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <vector>

#include "runtime/clock.hpp"

namespace pleura::api {

/// The percentile `share` (0 to 1) of sorted values by the nearest rank; of none 0.
[[nodiscard]] inline double percentile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

/// Runs a piece of work, and adds its seconds to the list.
template <class Work>
auto run_timed(std::vector<double>& seconds, const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  auto result = work();
  seconds.push_back(seconds_since(start));
  return result;
}

/// Of at least one time: "distribution" of docs/bench.schema.json.
[[nodiscard]] inline nlohmann::ordered_json distribution(std::vector<double> seconds) {
  std::sort(seconds.begin(), seconds.end());
  const auto count = static_cast<double>(seconds.size());
  const double mean = std::accumulate(seconds.begin(), seconds.end(), 0.0) / count;
  double squares = 0;
  for (const double one : seconds) squares += (one - mean) * (one - mean);
  const double deviation = seconds.size() > 1 ? std::sqrt(squares / (count - 1)) : 0;
  return {{"min", seconds.front()},
          {"median", percentile(seconds, 0.5)},
          {"mean", mean},
          {"cv", mean > 0 ? deviation / mean : 0},
          {"p90", percentile(seconds, 0.9)},
          {"p95", percentile(seconds, 0.95)},
          {"p99", percentile(seconds, 0.99)},
          {"max", seconds.back()}};
}

/// Counts work that is done at least `runs` times and for at least `seconds`.
class Repeats {
 public:
  Repeats(int runs, double seconds) : runs_(runs), seconds_(seconds) {}
  /// Whether there is another, which then counts as begun.
  [[nodiscard]] bool next() {
    if (begun_ >= runs_ && seconds_since(start_) >= seconds_) return false;
    ++begun_;
    return true;
  }
  /// Of all of it, once the one that was begun last is done; 0 to 1.
  [[nodiscard]] double share_done() const {
    const double of_time = seconds_ > 0 ? seconds_since(start_) / seconds_ : 1;
    return std::min({1.0, static_cast<double>(begun_) / runs_, of_time});
  }

 private:
  int runs_, begun_ = 0;
  double seconds_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace pleura::api
