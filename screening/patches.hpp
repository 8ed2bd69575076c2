#pragma once
/// The images that stand for a region: the slice nearest the cube's centre and its two neighbours (paper 2.4), cut from
/// the CT's own slices, with their relative distance-from-edge (paper 2.5.1).
#include <array>
#include <cstdint>
#include <vector>

#include "kernels/instrument.hpp"
#include "pleura/volume.hpp"
#include "screening/lungs.hpp"
#include "weights/model.hpp"

namespace pleura::screening {

/// Images of a region that vote.
inline constexpr int kImages = kernels::patch_images;
/// Slices cut for a region: each image with its own two neighbours.
inline constexpr int kPatchSlices = kernels::patch_slices;

/// Of one region: image k is slice k + 1; its neighbours are slices k and k + 2.
struct RegionPatches {
  std::array<std::int64_t, kPatchSlices> slices{};  ///< z indices in the CT; beyond an end, the last slice again [D]
  std::array<double, kImages> distances{};          ///< relative distance-from-edge of each image
};

/// Of all regions.
struct Patches {
  std::vector<RegionPatches> regions;
  kernels::Hu hu;  ///< (regions * kPatchSlices, pixels, pixels); nothing where there is no region
};

/// z indices of a region's slices: the one nearest the fractional index z (halves go up) and two on each side, clamped.
[[nodiscard]] std::array<std::int64_t, kPatchSlices> patch_slices(double z, std::int64_t slices);

/// Cuts the patches of regions of a CT, centred at fractional voxel indices (z, y, x); beyond the CT they read
/// outside_volume.
[[nodiscard]] Patches cut_regions(kernels::Instrument& on, const kernels::Hu& hu, const Geometry& geometry,
                                  const Lungs& lungs, const std::vector<std::array<double, 3>>& centres,
                                  double field_mm, std::int64_t pixels);

/// An image's channels by these settings.
[[nodiscard]] kernels::ImageChannels image_channels(const weights::ClassifierSettings& settings);

/// A point in the lungs is at most this far from their edge, relatively. Where a slice has only a few voxels of lung, a
/// patch beside them may be many diagonals away.
constexpr double kFarthest = 0.5;

/// The distances of all images as the network sees them: (min(distance, kFarthest) - shift) * scale.
[[nodiscard]] std::vector<float> network_distances(const std::vector<RegionPatches>& regions,
                                                   const weights::ClassifierSettings& settings);

}  // namespace pleura::screening
