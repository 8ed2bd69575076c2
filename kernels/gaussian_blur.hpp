#pragma once
/// Fixed-point Gaussian blur of one slice of HU, the same integers on every backend [D].
#include <cstdint>
#include <vector>

namespace pleura::kernels {

/// Half a symmetric kernel in units of 2^-weight_bits, the centre first: weights[0] + 2 * (weights[1] + ...) is one.
using BlurWeights = std::vector<std::int16_t>;
inline constexpr int weight_bits = 14, guard_bits = 4;  ///< the second: of what is kept between the two passes

/// Gaussian of a standard deviation in pixels (> 0), cut off at int(3 sigma + 0.5) pixels as scipy.ndimage's
/// truncate=3; what rounding leaves over goes to the centre.
[[nodiscard]] BlurWeights gaussian_weights(double sigma);

/// One slice's blur. HU are first clamped to [low, high], -1024 <= low <= high <= 1023, so that padding and metal do
/// not bleed; pixels beyond the slice repeat its edge. Along y first, kept in units of 1/16 HU; along x second; each
/// rounded half up.
struct GaussianBlur {
  BlurWeights along_y, along_x;
  std::int16_t low = -1024, high = 1023;
};

void blur_slice(const GaussianBlur& blur, const std::int16_t* hu, std::int64_t height, std::int64_t width,
                std::int16_t* out);

namespace reference {
void blur_slice(const GaussianBlur& blur, const std::int16_t* hu, std::int64_t height, std::int64_t width,
                std::int16_t* out);
}  // namespace reference

}  // namespace pleura::kernels
