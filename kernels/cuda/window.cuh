#pragma once
/// screening/windowing.hpp in kernels.
#include <cuda_runtime.h>

#include <cstdint>

namespace pleura::kernels::cuda {

/// Maps a HU window [low, high] linearly to -1..1, clipped; in double, then rounded.
__device__ inline float apply_window(std::int16_t hu, double low, double high) {
  const double value = 2 * (hu - low) / (high - low) - 1;
  return static_cast<float>(value < -1 ? -1 : value > 1 ? 1 : value);
}

}  // namespace pleura::kernels::cuda
