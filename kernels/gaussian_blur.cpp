#include "kernels/gaussian_blur.hpp"

#include <cmath>

namespace pleura::kernels {

BlurWeights gaussian_weights(double sigma) {
  const int radius = static_cast<int>(std::floor(3 * sigma + 0.5));
  double total = 0;
  for (int k = -radius; k <= radius; ++k) total += std::exp(-0.5 * k * k / (sigma * sigma));
  BlurWeights weights(radius + 1);
  int left_over = 1 << weight_bits;
  for (int k = 1; k <= radius; ++k) {
    weights[k] =
        static_cast<std::int16_t>(std::lround((1 << weight_bits) * std::exp(-0.5 * k * k / (sigma * sigma)) / total));
    left_over -= 2 * weights[k];
  }
  weights[0] = static_cast<std::int16_t>(left_over);
  return weights;
}

}  // namespace pleura::kernels
