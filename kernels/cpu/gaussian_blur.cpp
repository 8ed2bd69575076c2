#include "kernels/gaussian_blur.hpp"

#include <algorithm>

namespace pleura::kernels {
namespace {

/// out[i] = the weighted sum of near[0][i] and of each pair near[k][i], far[k][i], rounded half up after a shift right.
void weigh(const BlurWeights& weights, const std::vector<const std::int16_t*>& near,
           const std::vector<const std::int16_t*>& far, std::int64_t count, int shift, std::int32_t* sums,
           std::int16_t* out) {
  for (std::int64_t i = 0; i < count; ++i) sums[i] = near[0][i] * weights[0] + (1 << shift >> 1);
  for (std::size_t k = 1; k < weights.size(); ++k) {
    const std::int16_t *a = near[k], *b = far[k];
    const std::int16_t weight = weights[k];
    for (std::int64_t i = 0; i < count; ++i) sums[i] += a[i] * weight + b[i] * weight;
  }
  for (std::int64_t i = 0; i < count; ++i) out[i] = static_cast<std::int16_t>(sums[i] >> shift);
}

}  // namespace

void blur_slice(const GaussianBlur& blur, const std::int16_t* hu, std::int64_t height, std::int64_t width,
                std::int16_t* out) {
  const auto radius_y = static_cast<std::int64_t>(blur.along_y.size()) - 1;
  const auto radius_x = static_cast<std::int64_t>(blur.along_x.size()) - 1;
  std::vector<std::int16_t> clamped(height * width), padded(width + 2 * radius_x);
  for (std::int64_t i = 0; i < height * width; ++i) clamped[i] = std::clamp(hu[i], blur.low, blur.high);
  std::vector<std::int32_t> sums(width);
  std::vector<const std::int16_t*> near(std::max(radius_x, radius_y) + 1), far(near.size());
  std::int16_t* middle = padded.data() + radius_x;
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t k = 0; k <= radius_y; ++k) {
      near[k] = clamped.data() + std::max<std::int64_t>(y - k, 0) * width;
      far[k] = clamped.data() + std::min(y + k, height - 1) * width;
    }
    weigh(blur.along_y, near, far, width, weight_bits - guard_bits, sums.data(), middle);
    for (std::int64_t k = 1; k <= radius_x; ++k) {
      middle[-k] = middle[0];
      middle[width - 1 + k] = middle[width - 1];
    }
    for (std::int64_t k = 0; k <= radius_x; ++k) {
      near[k] = middle - k;
      far[k] = middle + k;
    }
    weigh(blur.along_x, near, far, width, weight_bits + guard_bits, sums.data(), out + y * width);
  }
}

}  // namespace pleura::kernels
