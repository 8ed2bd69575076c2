#pragma once
/// Lengths as whole numbers, so that the same CT gives the same network input whatever format and unit of length it was
/// read from: a spacing of 0.842 mm is 0.84200000762 in single precision, and 0.00084200001 in metres.
#include <algorithm>
#include <cmath>
#include <cstdint>

namespace pleura::screening {

/// 2^11 * 5^3: thousandths of a millimetre are whole, and so are fields of view of hundredths of a millimetre over 512
/// pixels, and all 2048ths (0.703125, 0.9765625). So what spacings there are lie far from where rounding turns.
inline constexpr std::int64_t parts_per_mm = 256'000;

[[nodiscard]] inline std::int64_t whole_parts(double mm) {
  return std::llround(mm * static_cast<double>(parts_per_mm));
}

/// Of a spacing, by which others are divided: at least 1.
[[nodiscard]] inline std::int64_t spacing_parts(double mm) { return std::max<std::int64_t>(1, whole_parts(mm)); }

/// Those parts as micrometres; halves, as 0.6875 mm has them, go up.
[[nodiscard]] inline std::int64_t whole_micrometres(double mm) {
  constexpr std::int64_t parts_per_um = parts_per_mm / 1000;
  return (whole_parts(mm) + parts_per_um / 2) / parts_per_um;
}

/// A spacing of whole parts, as mm.
[[nodiscard]] inline double settled_spacing(double mm) {
  return static_cast<double>(spacing_parts(mm)) / static_cast<double>(parts_per_mm);
}

}  // namespace pleura::screening
