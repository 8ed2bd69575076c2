#pragma once
/// What networks and layers are timed on where there is no CT.
#include <cstdint>
#include <vector>

namespace pleura::layers {

/// Values in [-1, 1) that look like noise.
[[nodiscard]] inline std::vector<float> noise(std::int64_t count) {
  std::vector<float> values(static_cast<std::size_t>(count));
  std::uint32_t state = 1;
  for (float& value : values) {
    state = state * 1664525u + 1013904223u;
    value = static_cast<float>(state >> 8) * 0x1p-23f - 1.0f;
  }
  return values;
}

}  // namespace pleura::layers
