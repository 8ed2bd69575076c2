#pragma once
/// From the segmenter's logits to candidate cubes (paper 2.3; docs/networks.md, after lfz/DSB2017).
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/instrument.hpp"
#include "pleura/result.hpp"
#include "screening/sampling.hpp"
#include "weights/model.hpp"

namespace pleura::screening {

/// Voxels of the network's grid to one cell of the region-proposal head, on each axis.
inline constexpr std::int64_t kHeadStride = 4;
/// |t_d| is clamped to this before exp, as torchvision does: a cube is never more than 62.5 times its anchor [D].
inline constexpr double kLargestLogScale = 4.135166556742356;

/// How a head is read by these settings.
[[nodiscard]] kernels::ProposalDecoding proposal_decoding(const weights::SegmenterSettings& settings,
                                                          std::int64_t extra_classes);
[[nodiscard]] kernels::MaskDecoding mask_decoding(const weights::SegmenterSettings& settings);

/// A candidate region in the CT's own geometry.
struct Candidate {
  std::array<double, 3> centre{};  ///< fractional voxel index (z, y, x) in the CT
  VoxelBox box_voxels;             ///< voxels of the CT whose centres the cube holds, at least one; clipped to the CT
  WorldBox box_mm;                 ///< around the cube itself
  double score = 0;                ///< objectness 0..1
};

/// A cube of the network's grid in the geometry of the CT that the grid was resampled from.
[[nodiscard]] Candidate to_candidate(const kernels::Cube& cube, const NetworkGrid& grid, const Geometry& ct);

/// A box of the world in the geometry of a CT; its score is NaN.
[[nodiscard]] Candidate to_candidate(const WorldBox& box, const Geometry& ct);

/// Candidates and how many proposals the last bound cut off.
struct Candidates {
  std::vector<Candidate> kept;  ///< best first
  std::size_t dropped = 0;      ///< inside the lungs and not suppressed, but beyond max_regions
  bool finite = true;           ///< false: the head is not, and nothing was found in it
};

/// Of a region-proposal head, logits (1, d, h, w, A * (5 + K)): decode, threshold, the best before suppression,
/// suppression, inside the lungs, best max_regions. Of a mask head, (1, d, h, w, 2): components, best max_regions.
/// Throws Error(internal) where it does not fit.
[[nodiscard]] Candidates find_candidates(kernels::Instrument& on, const runtime::TensorView& head,
                                         const weights::VNetHyper& hyper, const weights::SegmenterSettings& settings,
                                         const NetworkGrid& grid, const Geometry& ct);

}  // namespace pleura::screening
