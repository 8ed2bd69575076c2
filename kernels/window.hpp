#pragma once
/// Hounsfield units to what a network sees.
#include "kernels/host_device.hpp"

namespace pleura::kernels {

/// Maps a HU window [low, high] linearly to -1..1, clipped; in double, then rounded.
PLEURA_HOST_DEVICE inline float apply_window(double hu, double low, double high) {
  const double value = 2 * (hu - low) / (high - low) - 1;
  return static_cast<float>(value < -1 ? -1 : value > 1 ? 1 : value);
}

}  // namespace pleura::kernels
