#pragma once
/// Times on the host's steady clock.
#include <chrono>

namespace pleura {

[[nodiscard]] inline double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace pleura
