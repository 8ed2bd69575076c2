#pragma once
/// Figures of the same work done several times.
#include <algorithm>
#include <cmath>
#include <vector>

namespace pleura::api {

/// The percentile `share` (0 to 1) of sorted values by the nearest rank; of none 0.
[[nodiscard]] inline double percentile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

}  // namespace pleura::api
