#pragma once
/// Sizes to multiples of an alignment.
#include <cstdint>

namespace pleura::runtime {

/// The least multiple that is no less than the value (>= 0).
[[nodiscard]] constexpr std::int64_t round_up(std::int64_t value, std::int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

}  // namespace pleura::runtime
