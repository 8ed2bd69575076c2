#pragma once
/// Data for timings: He-scaled noise, never zeros (which some processors multiply faster) or denormals (slower).
#include <random>
#include <vector>

namespace pleura::bench {

/// Values in [-scale, scale).
inline std::vector<float> noise(std::int64_t count, float scale = 1) {
  static std::mt19937 engine{1};
  std::uniform_real_distribution<float> values(-scale, scale);
  std::vector<float> result(static_cast<std::size_t>(count));
  for (float& value : result) value = values(engine);
  return result;
}

}  // namespace pleura::bench
