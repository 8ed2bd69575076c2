#pragma once
/// Whole tiles of a size, sizes to multiples of an alignment.
#include <cstdint>

namespace pleura::runtime {

/// How many of a size (> 0) hold that many (>= 0).
[[nodiscard]] constexpr std::int64_t divide_up(std::int64_t count, std::int64_t size) {
  return (count + size - 1) / size;
}

/// The least multiple that is no less than the value (>= 0).
[[nodiscard]] constexpr std::int64_t round_up(std::int64_t value, std::int64_t multiple) {
  return divide_up(value, multiple) * multiple;
}

}  // namespace pleura::runtime
