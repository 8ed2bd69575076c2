#include "kernels/resample.hpp"

#include <algorithm>
#include <cmath>

namespace pleura::kernels::reference {
namespace {

double position(const ResampleAxis& axis, std::int64_t k) { return axis.to_old(static_cast<double>(k)); }

bool is_outside(const ResampleAxis& axis, std::int64_t k, std::int64_t size) {
  const std::int64_t centre = axis.position(k);
  return 2 * centre < -axis.unit || 2 * centre > (2 * size - 1) * axis.unit;
}

/// The tent's height at old sample i.
double tent(const ResampleAxis& axis, double centre, std::int64_t i) {
  const double step = static_cast<double>(axis.step) / static_cast<double>(axis.unit);
  return std::max(0.0, 1 - std::abs(static_cast<double>(i) - centre) / std::max(1.0, step));
}

/// The sum of value(i) over the old samples i of one new one.
template <class Value>
float weighted_sum(const ResampleTaps& taps, const Value& value) {
  float sum = 0;
  for (std::size_t k = 0; k < taps.weights.size(); ++k)
    sum += taps.weights[k] * value(taps.begin + static_cast<std::int64_t>(k));
  return sum;
}

}  // namespace

std::vector<std::int16_t> resample(const std::int16_t* hu, const Index3& shape, const Resample& how) {
  const auto along_z = make_taps(how.axes[0], shape[0]), along_y = make_taps(how.axes[1], shape[1]),
             along_x = make_taps(how.axes[2], shape[2]);
  std::vector<std::int16_t> result;
  for (const ResampleTaps& taps_z : along_z)
    for (const ResampleTaps& taps_y : along_y)
      for (const ResampleTaps& taps_x : along_x) {
        const auto at = [&](std::int64_t z, std::int64_t y, std::int64_t x) {
          return static_cast<float>(hu[(z * shape[1] + y) * shape[2] + x]);
        };
        const float value = weighted_sum(taps_x, [&](std::int64_t x) {
          return weighted_sum(taps_z, [&](std::int64_t z) {
            return weighted_sum(taps_y, [&](std::int64_t y) { return at(z, y, x); });
          });
        });
        const bool outside = taps_z.weights.empty() || taps_y.weights.empty() || taps_x.weights.empty();
        result.push_back(outside ? how.outside : static_cast<std::int16_t>(std::lround(value)));
      }
  return result;
}

std::vector<std::int16_t> resample_in_double(const std::int16_t* hu, const Index3& shape, const Resample& how) {
  std::vector<std::int16_t> result;
  for (std::int64_t k = 0; k < how.axes[0].count; ++k)
    for (std::int64_t j = 0; j < how.axes[1].count; ++j)
      for (std::int64_t i = 0; i < how.axes[2].count; ++i) {
        const std::array<double, 3> centre{position(how.axes[0], k), position(how.axes[1], j),
                                           position(how.axes[2], i)};
        if (is_outside(how.axes[0], k, shape[0]) || is_outside(how.axes[1], j, shape[1]) ||
            is_outside(how.axes[2], i, shape[2])) {
          result.push_back(how.outside);
          continue;
        }
        double sum = 0, total = 0;
        for (std::int64_t z = 0; z < shape[0]; ++z)
          for (std::int64_t y = 0; y < shape[1]; ++y)
            for (std::int64_t x = 0; x < shape[2]; ++x) {
              const double weight =
                  tent(how.axes[0], centre[0], z) * tent(how.axes[1], centre[1], y) * tent(how.axes[2], centre[2], x);
              sum += weight * hu[(z * shape[1] + y) * shape[2] + x];
              total += weight;
            }
        result.push_back(static_cast<std::int16_t>(std::lround(sum / total)));
      }
  return result;
}

}  // namespace pleura::kernels::reference
