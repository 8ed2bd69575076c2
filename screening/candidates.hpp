#pragma once
/// From the segmenter's logits to candidate cubes (paper 2.3; docs/networks.md, after lfz/DSB2017).
/// Each step is a function of its own; find_candidates puts them together.
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "layers/inference.hpp"
#include "pleura/result.hpp"
#include "screening/sampling.hpp"
#include "weights/model.hpp"

namespace pleura::screening {

/// Voxels of the network's grid to one cell of the region-proposal head, on each axis.
inline constexpr std::int64_t kHeadStride = 4;
/// |t_d| is clamped to this before exp, as torchvision does: a cube is never more than 62.5 times its anchor [D].
inline constexpr double kLargestLogScale = 4.135166556742356;

/// A proposed cube, its faces along the axes of the network's grid.
struct Cube {
  std::array<double, 3> centre{};  ///< mm (z, y, x) from the centre of the grid's voxel (0, 0, 0)
  double side = 0;                 ///< mm
  double logit = 0;                ///< of the objectness (mask head: of the mean foreground probability)
};

/// The probability of a logit.
[[nodiscard]] double logistic(double logit);

/// The logit of a probability; 0 and 1 give the infinities.
[[nodiscard]] double logit(double probability);

/// Intersection over union of two cubes' volumes.
[[nodiscard]] double iou(const Cube& a, const Cube& b);

/// Proposals of a region-proposal head, logits (1, d, h, w, A * (5 + K)), at or above the threshold, in the order of
/// their cells and anchors: centre = grid point + t * anchor, side = anchor * exp(t_d). Throws Error(weights_refused)
/// where a logit is not finite.
[[nodiscard]] std::vector<Cube> decode_proposals(const layers::HostTensor& head,
                                                 const weights::SegmenterSettings& settings, std::int64_t extra_classes,
                                                 double threshold);

/// How many voxels a component of a mask head's foreground has at least, by min_component_ml.
[[nodiscard]] std::int64_t least_component_voxels(const weights::SegmenterSettings& settings, const Geometry& grid);

/// Components of a mask head's foreground, logits (1, d, h, w, 2), inside the lungs: voxels whose foreground
/// probability reaches the threshold, joined over their faces; those smaller than min_component_ml are
/// dropped. Each gives the smallest cube around its bounding box, of the logit of its mean probability, rounded down to
/// 2^-31, in the order of the components' first voxels. Throws as decode_proposals.
[[nodiscard]] std::vector<Cube> decode_mask(const layers::HostTensor& head, const NetworkGrid& grid,
                                            const weights::SegmenterSettings& settings, double threshold, int threads);

/// The n cubes of highest logit, best first; equal logits stay in their order.
[[nodiscard]] std::vector<Cube> keep_best(std::vector<Cube> cubes, std::size_t n);

/// Greedy non-maximum suppression of cubes sorted best first: one whose IoU with a kept one is at or above nms_iou
/// goes.
[[nodiscard]] std::vector<Cube> suppress_overlaps(const std::vector<Cube>& cubes, double nms_iou);

/// Those whose centre's voxel lies in the lungs.
[[nodiscard]] std::vector<Cube> keep_inside_lungs(const std::vector<Cube>& cubes, const NetworkGrid& grid);

/// A candidate region in the CT's own geometry.
struct Candidate {
  std::array<double, 3> centre{};  ///< fractional voxel index (z, y, x) in the CT
  VoxelBox box_voxels;             ///< voxels of the CT whose centres the cube holds, at least one; clipped to the CT
  WorldBox box_mm;                 ///< around the cube itself
  double score = 0;                ///< objectness 0..1
};

/// A cube of the network's grid in the geometry of the CT that the grid was resampled from.
[[nodiscard]] Candidate to_candidate(const Cube& cube, const NetworkGrid& grid, const Geometry& ct);

/// A box of the world in the geometry of a CT; its score is NaN.
[[nodiscard]] Candidate to_candidate(const WorldBox& box, const Geometry& ct);

/// Candidates and how many proposals the last bound cut off.
struct Candidates {
  std::vector<Candidate> kept;  ///< best first
  std::size_t dropped = 0;      ///< inside the lungs and not suppressed, but beyond max_regions
};

/// All of the above: decode, threshold, the best before suppression, suppression, inside the lungs, best max_regions.
[[nodiscard]] Candidates find_candidates(const layers::HostTensor& head, const weights::VNetHyper& hyper,
                                         const weights::SegmenterSettings& settings, const NetworkGrid& grid,
                                         const Geometry& ct, int threads);

}  // namespace pleura::screening
