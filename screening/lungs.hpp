#pragma once
/// The HU-based lung region (paper 2.2; docs/lungs.md): integer-exact, so that every backend gives equal masks.
#include <cstdint>
#include <vector>

#include "pleura/result.hpp"
#include "pleura/volume.hpp"

namespace pleura::screening {

/// The lungs of one volume.
struct Lungs {
  std::vector<std::uint8_t> mask;  ///< per voxel: 0 outside, 1 left lung, 2 right lung (the patient's)
  std::vector<VoxelBox>
      slice_boxes;  ///< per slice: bounding rectangle of both lungs (z: [slice, slice + 1)); empty: low == high
  LungsSummary summary;
};

/// Throws Error(input_refused), "no lungs found" with figures, where no plausible pair or single lung is there.
[[nodiscard]] Lungs find_lungs(const Volume& volume, int threads);

/// Relative distance-from-edge (paper 2.5.1) of an in-plane point (fractional y, x index) of a slice: minimum in-plane
/// mm from the point to the lungs' edge over the diagonal of the slice's bounding rectangle; 0 where the slice has no
/// lung.
[[nodiscard]] double distance_from_edge(const Volume& volume, const Lungs& lungs, std::int64_t slice, double y,
                                        double x);

}  // namespace pleura::screening
