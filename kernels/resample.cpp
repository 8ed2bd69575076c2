#include "kernels/resample.hpp"

#include <algorithm>
#include <cstdlib>

namespace pleura::kernels {

std::vector<ResampleTaps> make_taps(const ResampleAxis& axis, std::int64_t size) {
  const std::int64_t reach = std::max(axis.unit, axis.step);
  std::vector<ResampleTaps> all(axis.count);
  for (std::int64_t k = 0; k < axis.count; ++k) {
    const std::int64_t centre = axis.position(k);
    if (2 * centre < -axis.unit || 2 * centre > (2 * size - 1) * axis.unit) continue;
    const std::int64_t begin = centre < reach ? 0 : (centre - reach) / axis.unit + 1;
    const std::int64_t end = std::min(size, (centre + reach + axis.unit - 1) / axis.unit);
    std::vector<std::int64_t> weights;
    std::int64_t total = 0;
    for (std::int64_t i = begin; i < end; ++i) {
      weights.push_back(reach - std::abs(i * axis.unit - centre));
      total += weights.back();
    }
    all[k].begin = begin;
    for (const std::int64_t weight : weights)
      all[k].weights.push_back(static_cast<float>(static_cast<double>(weight) / static_cast<double>(total)));
  }
  return all;
}

std::pair<std::int64_t, std::int64_t> taps_span(const std::vector<ResampleTaps>& taps, std::int64_t size) {
  std::int64_t low = size, high = 0;
  for (const ResampleTaps& tap : taps)
    if (!tap.weights.empty()) {
      low = std::min(low, tap.begin);
      high = std::max(high, tap.begin + static_cast<std::int64_t>(tap.weights.size()));
    }
  return {low, std::max(low, high)};
}

}  // namespace pleura::kernels
