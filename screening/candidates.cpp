#include "screening/candidates.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "pleura/error.hpp"
#include "screening/spacing.hpp"

namespace pleura::screening {
namespace {

/// What of a voxel is told apart where a box of the world lies: an origin in single precision is off by less.
constexpr double kPartsOfAVoxel = 256;

/// Voxels [low, high) of an axis whose centres lie in [centre - half, centre + half); the nearest one if none; inside
/// [0, size).
void voxel_range(double centre, double half, std::int64_t size, std::int64_t& low, std::int64_t& high) {
  const double last = static_cast<double>(size - 1);
  low = static_cast<std::int64_t>(std::ceil(std::clamp(centre - half, 0.0, last + 1)));
  high = static_cast<std::int64_t>(std::ceil(std::clamp(centre + half, 0.0, last + 1)));
  if (low >= high) {
    low = static_cast<std::int64_t>(std::floor(std::clamp(centre, 0.0, last) + 0.5));
    high = low + 1;
  }
}

/// The voxels of a box given by its centre, a fractional index, and its sides in mm (z, y, x) along the CT's axes.
VoxelBox voxel_box(const std::array<double, 3>& centre, const std::array<double, 3>& sides, const Geometry& ct) {
  VoxelBox box;
  for (int axis = 0; axis < 3; ++axis)
    voxel_range(centre[axis], sides[axis] / settled_spacing(ct.spacing[axis]) / 2, ct.shape[axis], box.low[axis],
                box.high[axis]);
  return box;
}

}  // namespace

kernels::ProposalDecoding proposal_decoding(const weights::SegmenterSettings& settings, std::int64_t extra_classes) {
  return {settings.anchors_mm, extra_classes, kHeadStride, settings.spacing_mm, kernels::logit(settings.threshold),
          kLargestLogScale};
}

kernels::MaskDecoding mask_decoding(const weights::SegmenterSettings& settings) {
  const auto& spacing = settings.spacing_mm;
  kernels::MaskDecoding how;
  how.spacing_mm = spacing;
  how.lowest_logit = kernels::logit(settings.threshold);
  how.least_voxels =
      static_cast<std::int64_t>(std::ceil(settings.min_component_ml * 1000 / (spacing[0] * spacing[1] * spacing[2])));
  how.most = std::clamp<std::int64_t>(settings.max_regions, 1, kernels::most_proposals);
  return how;
}

Candidate to_candidate(const kernels::Cube& cube, const NetworkGrid& grid, const Geometry& ct) {
  Candidate candidate;
  for (int axis = 0; axis < 3; ++axis)
    candidate.centre[axis] = grid.axes[axis].to_old(cube.centre[axis] / grid.geometry.spacing[axis]);
  const Point3 centre = ct.to_world(candidate.centre);
  candidate.box_voxels = voxel_box(candidate.centre, {cube.side, cube.side, cube.side}, ct);
  for (int k = 0; k < 3; ++k) {  // the cube is turned with the grid's axes
    double reach = 0;
    for (int axis = 0; axis < 3; ++axis) reach += std::abs(ct.direction[axis][k]) * cube.side / 2;
    candidate.box_mm.low[k] = centre[k] - reach;
    candidate.box_mm.high[k] = centre[k] + reach;
  }
  candidate.score = kernels::logistic(cube.logit);
  return candidate;
}

Candidate to_candidate(const WorldBox& box, const Geometry& ct) {
  Point3 centre{}, sides{};
  for (int k = 0; k < 3; ++k) {
    centre[k] = (box.low[k] + box.high[k]) / 2;
    sides[k] = box.high[k] - box.low[k];
  }
  Candidate candidate;
  candidate.centre = ct.to_index(centre);
  for (double& index : candidate.centre) index = std::round(index * kPartsOfAVoxel) / kPartsOfAVoxel;
  candidate.box_voxels = voxel_box(candidate.centre, {sides[2], sides[1], sides[0]}, ct);
  candidate.box_mm = box;
  candidate.score = std::numeric_limits<double>::quiet_NaN();
  return candidate;
}

Candidates find_candidates(kernels::Instrument& on, const runtime::TensorView& head, const weights::VNetHyper& hyper,
                           const weights::SegmenterSettings& settings, const NetworkGrid& grid, const Geometry& ct) {
  const auto anchors = static_cast<std::int64_t>(settings.anchors_mm.size());
  const auto& [d, h, w] = grid.geometry.shape;
  const runtime::Shape expected = hyper.rpn ? runtime::Shape{1, d / kHeadStride, h / kHeadStride, w / kHeadStride,
                                                             anchors * (5 + hyper.extra_classes)}
                                            : runtime::Shape{1, d, h, w, 2};
  if (head.desc.shape != expected || head.desc.dtype != runtime::DType::f32)
    throw Error(Status::internal, "the segmenter's output does not fit its head");
  const std::int64_t most = std::max(settings.max_regions, 0);
  kernels::Cubes cubes;
  if (hyper.rpn) {
    cubes = on.suppress(on.decode(head, proposal_decoding(settings, hyper.extra_classes)), settings.nms_iou);
    cubes = on.keep_inside(cubes, grid.lungs, settings.spacing_mm, most);
  } else {
    cubes = on.enclose(head, grid.lungs, mask_decoding(settings));
  }
  kernels::FoundCubes found = on.read(cubes);
  Candidates candidates;
  candidates.finite = found.counts.not_finite == 0;
  if (!candidates.finite) return candidates;
  const std::size_t all = found.best.size() + static_cast<std::size_t>(found.counts.dropped);
  found.best.resize(std::min(found.best.size(), static_cast<std::size_t>(most)));
  candidates.dropped = all - found.best.size();
  for (const kernels::Cube& cube : found.best) candidates.kept.push_back(to_candidate(cube, grid, ct));
  return candidates;
}

}  // namespace pleura::screening
