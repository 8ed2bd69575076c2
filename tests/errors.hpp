#pragma once
/// How far a tensor is from its reference. Comparisons accept (error <= bound), so that NaN fails.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <ostream>
#include <span>

#include "runtime/tensor.hpp"

namespace pleura::test {

struct Errors {
  double l2 = 0;      ///< ||out - reference|| / ||reference||
  double max = 0;     ///< max |out - reference| / max |reference|
  double border = 0;  ///< l2 over the voxels at the first or last index of a dimension larger than 1

  [[nodiscard]] bool within(const Errors& bound) const {
    return std::isfinite(l2) && std::isfinite(max) && std::isfinite(border) && l2 <= bound.l2 && max <= bound.max &&
           border <= bound.border;
  }
};

inline std::ostream& operator<<(std::ostream& out, const Errors& errors) {
  return out << "l2 " << errors.l2 << ", max " << errors.max << ", border " << errors.border;
}

/// Both dense, of that shape. A value that is not finite makes every figure infinite.
template <class Reference>
Errors errors_of(std::span<const float> out, std::span<const Reference> reference, const runtime::Shape& shape) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  if (static_cast<std::int64_t>(out.size()) != shape.elements() || out.size() != reference.size())
    return {inf, inf, inf};
  double difference = 0, norm = 0, largest = 0, peak = 0, border_difference = 0, border_norm = 0;
  const auto outer = [](std::int64_t index, std::int64_t size) {
    return size > 1 && (index == 0 || index == size - 1);
  };
  for (std::int64_t i = 0; i < shape.elements(); ++i) {
    if (!std::isfinite(out[i])) return {inf, inf, inf};
    const std::int64_t voxel = i / shape.c;
    const double error = out[i] - static_cast<double>(reference[i]), value = static_cast<double>(reference[i]);
    difference += error * error;
    norm += value * value;
    largest = std::max(largest, std::fabs(error));
    peak = std::max(peak, std::fabs(value));
    if (outer(voxel % shape.w, shape.w) || outer(voxel / shape.w % shape.h, shape.h) ||
        outer(voxel / shape.w / shape.h % shape.d, shape.d)) {
      border_difference += error * error;
      border_norm += value * value;
    }
  }
  const auto ratio = [](double a, double b) { return a == 0 ? 0 : a / b; };
  return {std::sqrt(ratio(difference, norm)), ratio(largest, peak), std::sqrt(ratio(border_difference, border_norm))};
}

}  // namespace pleura::test
