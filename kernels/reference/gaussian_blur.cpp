#include "kernels/gaussian_blur.hpp"

#include <algorithm>
#include <cstdlib>

namespace pleura::kernels::reference {
namespace {

/// One axis of the blur: value(i) at the nearest existing position, weighed, rounded half up after dividing by 2^shift.
template <typename Value>
std::int64_t weigh(const BlurWeights& weights, std::int64_t position, std::int64_t size, int shift,
                   const Value& value) {
  const auto radius = static_cast<std::int64_t>(weights.size()) - 1;
  std::int64_t sum = 0;
  for (std::int64_t k = -radius; k <= radius; ++k)
    sum += weights[std::abs(k)] * value(std::clamp<std::int64_t>(position + k, 0, size - 1));
  return (sum + (std::int64_t{1} << (shift - 1))) >> shift;
}

}  // namespace

void blur_slice(const GaussianBlur& blur, const std::int16_t* hu, std::int64_t height, std::int64_t width,
                std::int16_t* out) {
  const auto clamped = [&](std::int64_t y, std::int64_t x) -> std::int64_t {
    return std::clamp(hu[y * width + x], blur.low, blur.high);
  };
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x)
      out[y * width + x] = static_cast<std::int16_t>(weigh(blur.along_x, x, width, 18, [&](std::int64_t column) {
        return weigh(blur.along_y, y, height, 10, [&](std::int64_t row) { return clamped(row, column); });
      }));
}

}  // namespace pleura::kernels::reference
