#pragma once
/// Hounsfield units to what a network sees.
#include <array>

#include "kernels/window.hpp"

namespace pleura::screening {

/// Maps a HU window [low, high] linearly to -1..1, clipped.
[[nodiscard]] inline float apply_window(double hu, const std::array<double, 2>& window) {
  return kernels::apply_window(hu, window[0], window[1]);
}

}  // namespace pleura::screening
