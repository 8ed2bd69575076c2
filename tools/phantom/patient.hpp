#pragma once
/// Who lies in the scanner: everything about the body that varies between patients, drawn from the seed.
#include <array>
#include <cstdint>

#include "phantom/shapes.hpp"

namespace pleura::phantom {

/// A loop of bowel with gas in it: an ellipsoid, average adult's frame.
struct BowelLoop {
  Vec3 centre;
  float radius = 0;
};

/// Sizes are factors of an average adult's; lengths in mm, densities in HU.
struct Patient {
  std::uint64_t seed = 0;  ///< of the smooth warps and textures
  float size_x = 1, size_y = 1, size_z = 1;
  float fat = 12;  ///< subcutaneous, at the flank
  bool breasts = false;
  float breath = 0;  ///< how far both domes stand above the average, upwards
  float right_dome = 0, left_dome = 0;
  float heart = 1;      ///< size factor
  float kyphosis = 0;   ///< extra curve of the spine, mm
  float blood = 42;     ///< HU; higher with contrast medium
  float lung = -872;    ///< HU of parenchyma at mid height, without vessels
  float gradient = 45;  ///< HU from front to back, by gravity
  float mottle = 12;    ///< HU of the parenchyma's slow unevenness
  float vessels = 1;    ///< how many small vessels, factor
  float stomach = 1;    ///< size factor
  std::array<BowelLoop, 6> loops{};
  bool arms_down = false;
  float yaw = 0;                   ///< turned in the scanner's plane, radians
  float shift_x = 0, shift_y = 0;  ///< off the scanner's axis
  bool curved_table = true;
  float pulse = 0;      ///< mm that the heart's surface moves to each side during a slice
  float breathing = 0;  ///< mm that slices are shifted along z to each side, for want of a held breath
};

/// Who comes to be scanned: how patients of one cohort differ from the average.
struct Population {
  float size = 1;           ///< mean size factor
  float arms_down = 0.12F;  ///< share who cannot lift their arms
  float contrast = 0.25F;   ///< share with contrast medium
  float pulse = 0;          ///< mm, the most that the heart's beat blurs
  float breathing = 0;      ///< mm, the most that slices are shifted by
};

[[nodiscard]] Patient draw_patient(std::uint64_t seed, const Population& population = {});

}  // namespace pleura::phantom
