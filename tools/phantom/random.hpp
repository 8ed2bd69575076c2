#pragma once
/// Counter-based random numbers: every draw is a hash of a seed and a counter, so that a phantom's bytes depend on
/// nothing else (no std::random distribution, no order of threads). The hash is the finaliser of SplitMix64 (Steele et
/// al., 2014).
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string_view>

namespace pleura::phantom {

[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

/// A number in [0, 1) from the upper bits of a hash.
[[nodiscard]] constexpr double unit(std::uint64_t hash) { return static_cast<double>(hash >> 11) * 0x1.0p-53; }

/// One stream of draws: a seed and a name ("patient", "lesions") that keeps streams apart.
class Random {
 public:
  Random(std::uint64_t seed, std::string_view stream) : state_(mix(seed)) {
    for (const char c : stream) state_ = mix(state_ ^ static_cast<unsigned char>(c));
  }

  std::uint64_t bits() { return mix(state_ + counter_++ * 0xd1342543de82ef95ULL); }
  double uniform(double low, double high) { return low + (high - low) * unit(bits()); }
  bool chance(double probability) { return unit(bits()) < probability; }
  /// A whole number of [low, high].
  int integer(int low, int high) { return low + static_cast<int>(unit(bits()) * (high - low + 1)); }

  double normal(double mean, double deviation) {
    const double radius = std::sqrt(-2 * std::log(1 - unit(bits())));
    return mean + deviation * radius * std::cos(2 * std::numbers::pi * unit(bits()));
  }

  /// normal() held within `limit` deviations.
  double bounded(double mean, double deviation, double limit = 2) {
    const double z = normal(0, 1);
    return mean + deviation * (z < -limit ? -limit : z > limit ? limit : z);
  }

 private:
  std::uint64_t state_;
  std::uint64_t counter_ = 0;
};

}  // namespace pleura::phantom
