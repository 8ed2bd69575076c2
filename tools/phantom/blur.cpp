#include "phantom/blur.hpp"

#include <algorithm>
#include <cmath>

namespace pleura::phantom {

std::vector<float> gaussian_taps(float sigma) {
  const int radius = std::max(1, static_cast<int>(std::ceil(3 * sigma)));
  std::vector<float> taps(2 * radius + 1);
  float sum = 0;
  for (int i = -radius; i <= radius; ++i) {
    const auto t = static_cast<float>(i);
    sum += taps[i + radius] = std::exp(-0.5F * t * t / (sigma * sigma));
  }
  for (float& tap : taps) tap /= sum;
  return taps;
}

void blur(std::vector<float>& image, std::int64_t rows, std::int64_t columns, float sigma) {
  if (sigma < 0.2F) return;
  const std::vector<float> taps = gaussian_taps(sigma);
  const auto radius = static_cast<std::int64_t>(taps.size() / 2);
  std::vector<float> line(columns + 2 * radius), rotated(image.size(), 0);
  for (std::int64_t y = 0; y < rows; ++y) {
    float* row = image.data() + y * columns;
    for (std::int64_t x = -radius; x < columns + radius; ++x) {
      line[x + radius] = row[std::clamp<std::int64_t>(x, 0, columns - 1)];
    }
    std::fill_n(row, columns, 0.F);
    for (std::size_t k = 0; k < taps.size(); ++k) {
      for (std::int64_t x = 0; x < columns; ++x) row[x] += taps[k] * line[x + k];
    }
  }
  for (std::int64_t y = 0; y < rows; ++y) {
    float* out = rotated.data() + y * columns;
    for (std::int64_t k = -radius; k <= radius; ++k) {
      const float* in = image.data() + std::clamp<std::int64_t>(y + k, 0, rows - 1) * columns;
      const float tap = taps[k + radius];
      for (std::int64_t x = 0; x < columns; ++x) out[x] += tap * in[x];
    }
  }
  image.swap(rotated);
}

}  // namespace pleura::phantom
