#include "kernels/edge_distance.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pleura::kernels::reference {

double distance_from_edge(const std::vector<std::uint8_t>& mask, const Index3& shape,
                          const std::array<double, 2>& spacing_mm, const EdgePoint& point) {
  if (point.low[0] >= point.high[0]) return 0;
  const auto is_lung = [&](std::int64_t y, std::int64_t x) {
    return y >= 0 && y < shape[1] && x >= 0 && x < shape[2] && mask[(point.slice * shape[1] + y) * shape[2] + x] != 0;
  };
  double nearest = std::numeric_limits<double>::infinity();
  for (std::int64_t y = point.low[0]; y < point.high[0]; ++y)
    for (std::int64_t x = point.low[1]; x < point.high[1]; ++x) {
      const bool within = is_lung(y - 1, x) && is_lung(y + 1, x) && is_lung(y, x - 1) && is_lung(y, x + 1);
      if (!is_lung(y, x) || within) continue;
      const double dy = (static_cast<double>(y) - point.y) * spacing_mm[0];
      const double dx = (static_cast<double>(x) - point.x) * spacing_mm[1];
      nearest = std::min(nearest, dy * dy + dx * dx);
    }
  const double tall = static_cast<double>(point.high[0] - point.low[0]) * spacing_mm[0];
  const double wide = static_cast<double>(point.high[1] - point.low[1]) * spacing_mm[1];
  return std::sqrt(nearest) / std::sqrt(tall * tall + wide * wide);
}

}  // namespace pleura::kernels::reference
