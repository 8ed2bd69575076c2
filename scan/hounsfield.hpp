#pragma once
/// From stored values to Hounsfield units, and whether they are Hounsfield units at all.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "pleura/volume.hpp"

namespace pleura::scan {

/// The floor of every volume: the lowest value of the usual CT scale. Padding outside the field of view (-2000, -3024,
/// a file's own padding value) reads as this, so it never looks denser than air nor bends an interpolation.
inline constexpr std::int16_t padding_hu = -1024;

/// The nearest whole HU in [padding_hu, 32767]; the value must be finite.
[[nodiscard]] inline std::int16_t to_hounsfield(double value) {
  const double inside = std::clamp(value, double{padding_hu}, double{std::numeric_limits<std::int16_t>::max()});
  // In doubles of this size the lowest bit is worth 1: adding rounds as lrint does, without a call for each voxel.
  return static_cast<std::int16_t>(std::bit_cast<std::int64_t>(inside + 0x1.8p52));
}

/// Whether a unit is HU by any of its names: HU, Hounsfield units, also misspelt Houndsfield. HU_MOD is another unit.
[[nodiscard]] bool names_hounsfield(const std::string& unit);

/// Throws input_refused, the message starting with `name`, where the values cannot be a CT in HU: at least 1 % must be
/// air or lung (up to -400 HU), and of what is not air around the body 5 % soft tissue (-200 to 300 HU). Of which part
/// of a body is not asked.
void require_hounsfield(const Volume& volume, const std::string& name);

}  // namespace pleura::scan
