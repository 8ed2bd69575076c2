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

}  // namespace

std::vector<std::int16_t> resample(const std::int16_t* hu, const Index3& shape, const Resample& how) {
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
