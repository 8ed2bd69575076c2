#pragma once
/// How often each HU of the thresholds' range occurs.
#include <algorithm>
#include <array>
#include <cstdint>

namespace pleura::kernels {

/// Of some voxels, as HuCounts has it.
struct HuMedian {
  std::int64_t voxels = 0;
  int hu = 0;
  bool operator==(const HuMedian&) const = default;
};

struct HuCounts {
  static constexpr int lowest = -1024, size = 2048;
  std::array<std::int64_t, size> counts{};  ///< of lowest + i; what lies beyond an end counts as the end

  void add(std::int16_t hu) { ++counts[std::clamp<int>(hu, lowest, lowest + size - 1) - lowest]; }

  [[nodiscard]] std::int64_t total() const {
    std::int64_t sum = 0;
    for (const std::int64_t count : counts) sum += count;
    return sum;
  }

  /// The lower one of two; of none, the lowest.
  [[nodiscard]] int median() const {
    const std::int64_t half = (total() + 1) / 2;
    int hu = lowest;
    for (std::int64_t below = 0; hu < lowest + size; ++hu) {
      below += counts[hu - lowest];
      if (below >= half) break;
    }
    return hu;
  }
};

}  // namespace pleura::kernels
