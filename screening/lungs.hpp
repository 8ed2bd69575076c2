#pragma once
/// The HU-based lung region (paper 2.2; docs/lungs.md): integer-exact, so that every backend gives equal masks.
#include <cstdint>
#include <vector>

#include "kernels/instrument.hpp"
#include "pleura/result.hpp"
#include "pleura/volume.hpp"

namespace pleura::screening {

/// The lungs of one volume.
struct Lungs {
  kernels::Labels labels;  ///< per voxel: 0 outside, 1 left lung, 2 right lung (the patient's)
  std::vector<VoxelBox>
      slice_boxes;  ///< per slice: bounding rectangle of both lungs (z: [slice, slice + 1)); empty: low == high
  std::vector<std::int64_t> slice_voxels;  ///< per slice: of both lungs
  LungsSummary summary;
};

/// Throws Error(input_refused), "no lungs found" with figures, where no plausible pair or single lung is there.
[[nodiscard]] Lungs find_lungs(kernels::Instrument& on, const kernels::Hu& hu, const Geometry& geometry);

/// On the CPU, with the labels in the host's memory.
struct MaskedLungs : Lungs {
  std::vector<std::uint8_t> mask;
};
[[nodiscard]] MaskedLungs find_lungs(const Volume& volume, int threads);

/// A point of a slice, by fractional indices, for its relative distance-from-edge.
[[nodiscard]] kernels::EdgePoint edge_point(const Lungs& lungs, std::int64_t slice, double y, double x);

}  // namespace pleura::screening
