#pragma once
/// The slices that are cut of a region.
#include <array>
#include <cstdint>

#include "kernels/resample.hpp"

namespace pleura::kernels {

inline constexpr int patch_images = 3;  ///< of a region, which vote
inline constexpr int patch_slices = 5;  ///< image k is slice k + 1; its neighbours are slices k and k + 2

/// Where they lie in a volume of HU.
struct PatchRegion {
  std::array<std::int64_t, patch_slices> slices{};  ///< of the volume
  ResampleAxis along_y, along_x;                    ///< both of as many pixels, as those of all regions of a call
};

}  // namespace pleura::kernels
