#pragma once
/// What follows from a profile's measurements (docs/profile.md says how).
#include <string>
#include <vector>

#include "api/profile/measure.hpp"

namespace pleura::api {

/// Of the same work done several times, in seconds.
struct Times {
  double min = 0, median = 0, p95 = 0;
};

/// Percentiles by the nearest rank; of no runs zeros.
[[nodiscard]] Times times_of(std::vector<double> seconds);

/// What binds a piece of work.
enum class Bound { compute, memory, neither };

[[nodiscard]] const char* to_string(Bound bound);

/// Rates of work that takes its median time.
struct Rates {
  double flops = 0, bytes = 0;   ///< a second
  double intensity = 0;          ///< FLOPs a byte
  double floor_seconds = 0;      ///< that the roofline leaves it
  double share_of_roof = 0;      ///< floor over median, 0 to 1 as far as the peaks are the peaks
  Bound roof = Bound::memory;    ///< which roof is the lower one at its intensity
  Bound bound = Bound::neither;  ///< that roof where at least half of it is reached
};

[[nodiscard]] Rates rates_of(double flops, double bytes, double seconds, const kernels::Peaks& peaks);

/// A layer, or layers together.
struct Row {
  std::string name;
  Times times;
  double share = 0;  ///< of the sum of all layers' medians
  std::int64_t layers = 0, calls = 0, flops = 0, bytes = 0;
  Rates rates;
};

struct NetworkFigures {
  std::vector<Row> layers;       ///< in the network's order
  std::vector<Row> stages;       ///< layers by their names up to the first point; medians of the runs' sums
  Row total;                     ///< of all layers; its floor is the sum of theirs
  Times plain;                   ///< of runs without marks between the steps
  double cost_of_profiling = 0;  ///< total median over plain median, less one
};

[[nodiscard]] NetworkFigures figures_of(const ProfiledNetwork& network);

}  // namespace pleura::api
