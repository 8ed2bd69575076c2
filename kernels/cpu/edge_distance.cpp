#include "kernels/edge_distance.hpp"

#include <algorithm>
#include <cmath>

namespace pleura::kernels {

double distance_from_edge(const std::uint8_t* mask, const Index3& shape, const std::array<double, 2>& spacing_mm,
                          const EdgePoint& point) {
  if (point.low[0] >= point.high[0]) return 0;
  const std::int64_t height = shape[1], width = shape[2];
  const std::uint8_t* const slice = mask + point.slice * height * width;
  const auto outside = [&](std::int64_t v, std::int64_t u) {
    return v < 0 || v >= height || u < 0 || u >= width || slice[v * width + u] == 0;
  };
  const auto [mm_y, mm_x] = spacing_mm;
  double nearest = INFINITY;
  for (std::int64_t v = point.low[0]; v < point.high[0]; ++v) {
    const double dy = (static_cast<double>(v) - point.y) * mm_y;
    if (dy * dy >= nearest) continue;
    for (std::int64_t u = point.low[1]; u < point.high[1]; ++u) {
      if (outside(v, u)) continue;
      if (!outside(v - 1, u) && !outside(v + 1, u) && !outside(v, u - 1) && !outside(v, u + 1)) continue;
      const double dx = (static_cast<double>(u) - point.x) * mm_x;
      nearest = std::min(nearest, dy * dy + dx * dx);
    }
  }
  const double tall = static_cast<double>(point.high[0] - point.low[0]) * mm_y;
  const double wide = static_cast<double>(point.high[1] - point.low[1]) * mm_x;
  return std::sqrt(nearest) / std::sqrt(tall * tall + wide * wide);  // not hypot: the same bits everywhere
}

}  // namespace pleura::kernels
