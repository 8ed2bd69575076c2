#pragma once
/// Gaussian blur of one slice.
#include <cstdint>
#include <vector>

namespace pleura::phantom {

/// Taps from -3 to 3 deviations that sum to 1; sigma in pixels, above 0.
[[nodiscard]] std::vector<float> gaussian_taps(float sigma);

/// Blurs rows x columns pixels in place, separably; border pixels are repeated outside. A sigma below 0.2 pixels
/// changes nothing.
void blur(std::vector<float>& image, std::int64_t rows, std::int64_t columns, float sigma);

}  // namespace pleura::phantom
