#pragma once
/// Hounsfield units to what a network sees.
#include <algorithm>
#include <array>

namespace pleura::screening {

/// Maps a HU window [low, high] linearly to -1..1, clipped.
[[nodiscard]] inline float apply_window(double hu, const std::array<double, 2>& window) {
  return static_cast<float>(std::clamp(2 * (hu - window[0]) / (window[1] - window[0]) - 1, -1.0, 1.0));
}

}  // namespace pleura::screening
