#include "report/resample.hpp"

#include <algorithm>
#include <cmath>

namespace pleura::report {
namespace {

/// The points that make one pixel: `count` from `first` on, with weights of sum 1.
struct Taps {
  std::int64_t count = 0;
  std::vector<std::int64_t> first;  ///< by pixel
  std::vector<float> weights;       ///< by pixel, then point
};

Taps taps_of(const PixelAxis& axis, std::int64_t size) {
  const double radius = std::max(1.0, std::abs(axis.step));  // of the triangle of weights
  Taps taps;
  taps.count = std::min(size, static_cast<std::int64_t>(2 * radius) + 1);
  for (int pixel = 0; pixel < axis.pixels; ++pixel) {
    const double centre = std::clamp(axis.start + axis.step * pixel, -radius, static_cast<double>(size - 1) + radius);
    const auto begin = static_cast<std::int64_t>(std::ceil(centre - radius));
    const std::int64_t first = std::clamp<std::int64_t>(begin, 0, size - taps.count);
    std::vector<double> weights(static_cast<std::size_t>(taps.count));
    double sum = 0;
    for (std::int64_t i = begin; static_cast<double>(i) <= centre + radius; ++i) {
      const double weight = 1 - std::abs(static_cast<double>(i) - centre) / radius;
      weights[static_cast<std::size_t>(std::clamp<std::int64_t>(i, first, first + taps.count - 1) - first)] += weight;
      sum += weight;
    }
    taps.first.push_back(first);
    for (const double weight : weights) taps.weights.push_back(static_cast<float>(weight / sum));
  }
  return taps;
}

}  // namespace

Grid resample(const Grid& grid, const PixelAxis& rows, const PixelAxis& columns) {
  const Taps down = taps_of(rows, grid.rows), across = taps_of(columns, grid.columns);
  const auto [lowest, highest] = std::minmax_element(down.first.begin(), down.first.end());
  // First the columns of all rows that are needed, then the rows.
  Grid wide{*highest + down.count - *lowest, columns.pixels, {}};
  wide.values.resize(static_cast<std::size_t>(wide.rows * wide.columns));
  for (std::int64_t row = 0; row < wide.rows; ++row) {
    const float* from = &grid.values[static_cast<std::size_t>((row + *lowest) * grid.columns)];
    float* to = &wide.values[static_cast<std::size_t>(row * wide.columns)];
    for (std::int64_t x = 0; x < wide.columns; ++x) {
      const float* weights = &across.weights[static_cast<std::size_t>(x * across.count)];
      const float* points = from + across.first[static_cast<std::size_t>(x)];
      float sum = 0;
      for (std::int64_t k = 0; k < across.count; ++k) sum += weights[k] * points[k];
      to[x] = sum;
    }
  }
  Grid out{rows.pixels, columns.pixels, {}};
  out.values.resize(static_cast<std::size_t>(out.rows * out.columns));
  for (std::int64_t y = 0; y < out.rows; ++y)
    for (std::int64_t k = 0; k < down.count; ++k) {
      const float weight = down.weights[static_cast<std::size_t>(y * down.count + k)];
      const std::int64_t row = down.first[static_cast<std::size_t>(y)] + k - *lowest;
      const float* from = &wide.values[static_cast<std::size_t>(row * wide.columns)];
      float* to = &out.values[static_cast<std::size_t>(y * out.columns)];
      for (std::int64_t x = 0; x < out.columns; ++x) to[x] += weight * from[x];
    }
  return out;
}

}  // namespace pleura::report
