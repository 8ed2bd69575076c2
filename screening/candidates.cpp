#include "screening/candidates.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/bit_volume.hpp"
#include "kernels/components.hpp"
#include "kernels/mask_head.hpp"
#include "kernels/proposals.hpp"
#include "pleura/error.hpp"
#include "screening/finite.hpp"
#include "screening/spacing.hpp"

namespace pleura::screening {
namespace {

/// What of a voxel is told apart where a box of the world lies: an origin in single precision is off by less.
constexpr double kPartsOfAVoxel = 256;

double volume(const Cube& cube) { return cube.side * cube.side * cube.side; }

/// Throws where the output of a network does not fit its head or is not finite.
void check_head(const layers::HostTensor& head, bool channels_fit) {
  const auto& s = head.shape;
  const std::int64_t size = std::accumulate(s.begin(), s.end(), std::int64_t{1}, std::multiplies<>());
  if (s[0] != 1 || !channels_fit || size != static_cast<std::int64_t>(head.values.size()))
    throw Error(Status::internal, "the segmenter's output does not fit its head");
  require_finite(head, "segmenter");
}

/// The voxel of the grid nearest a point in mm from voxel (0, 0, 0), or -1 outside the grid.
std::int64_t voxel_at(const Geometry& grid, const std::array<double, 3>& mm) {
  std::int64_t voxel = 0;
  for (int axis = 0; axis < 3; ++axis) {
    const double index = std::floor(mm[axis] / grid.spacing[axis] + 0.5);
    if (!(index >= 0 && index < static_cast<double>(grid.shape[axis]))) return -1;
    voxel = voxel * grid.shape[axis] + static_cast<std::int64_t>(index);
  }
  return voxel;
}

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

double logistic(double value) { return 1 / (1 + std::exp(-value)); }

double logit(double probability) { return std::log(probability) - std::log1p(-probability); }

double iou(const Cube& a, const Cube& b) {
  double intersection = 1;
  for (int axis = 0; axis < 3; ++axis) {
    const double low = std::max(a.centre[axis] - a.side / 2, b.centre[axis] - b.side / 2);
    const double high = std::min(a.centre[axis] + a.side / 2, b.centre[axis] + b.side / 2);
    if (high <= low) return 0;
    intersection *= high - low;
  }
  return intersection / (volume(a) + volume(b) - intersection);
}

std::vector<Cube> decode_proposals(const layers::HostTensor& head, const weights::SegmenterSettings& settings,
                                   std::int64_t extra_classes, double threshold) {
  const auto anchors = static_cast<std::int64_t>(settings.anchors_mm.size());
  const std::int64_t values = 5 + extra_classes;
  check_head(head, head.shape[4] == anchors * values);
  const double lowest = logit(threshold);
  std::vector<Cube> cubes;
  const float* value = head.values.data();
  for (std::int64_t z = 0; z < head.shape[1]; ++z)
    for (std::int64_t y = 0; y < head.shape[2]; ++y)
      for (std::int64_t x = 0; x < head.shape[3]; ++x)
        for (std::int64_t a = 0; a < anchors; ++a, value += values) {
          if (value[0] < lowest) continue;
          const double anchor = settings.anchors_mm[a];
          const Index3 cell{z, y, x};
          Cube cube;
          for (int axis = 0; axis < 3; ++axis) {
            const double grid_voxel = static_cast<double>(cell[axis] * kHeadStride) + (kHeadStride - 1) / 2.0;
            cube.centre[axis] = grid_voxel * settings.spacing_mm[axis] + value[1 + axis] * anchor;
          }
          cube.side = anchor * std::exp(std::clamp<double>(value[4], -kLargestLogScale, kLargestLogScale));
          cube.logit = value[0];
          cubes.push_back(cube);
        }
  return cubes;
}

std::int64_t least_component_voxels(const weights::SegmenterSettings& settings, const Geometry& grid) {
  return static_cast<std::int64_t>(
      std::ceil(settings.min_component_ml * 1000 / (grid.spacing[0] * grid.spacing[1] * grid.spacing[2])));
}

std::vector<Cube> decode_mask(const layers::HostTensor& head, const NetworkGrid& grid,
                              const weights::SegmenterSettings& settings, double threshold, int threads) {
  const Geometry& geometry = grid.volume.geometry;
  const Index3& shape = geometry.shape;
  check_head(head,
             head.shape[1] == shape[0] && head.shape[2] == shape[1] && head.shape[3] == shape[2] && head.shape[4] == 2);
  const double lowest = logit(threshold);
  const auto logit_at = [&](std::int64_t voxel) {
    return static_cast<double>(head.values[2 * voxel + 1]) - static_cast<double>(head.values[2 * voxel]);
  };
  kernels::BitVolume foreground(shape);
  for (std::int64_t z = 0, voxel = 0; z < shape[0]; ++z)
    for (std::int64_t y = 0; y < shape[1]; ++y)
      for (std::int64_t x = 0; x < shape[2]; ++x, ++voxel)
        if (grid.lungs[voxel] && logit_at(voxel) >= lowest) foreground.set(z, y, x);
  const kernels::Components components =
      kernels::find_components(foreground, kernels::Connectivity::in_volume, threads);
  constexpr auto one = static_cast<double>(kernels::probability_one);
  std::vector<std::int64_t> sums(components.list.size());
  for (const kernels::Run& run : components.runs)
    for (std::int64_t x = run.begin; x < run.end; ++x)
      sums[run.component] += static_cast<std::int64_t>(
          std::floor(logistic(logit_at((run.z * shape[1] + run.y) * shape[2] + x)) * one + 0.5));

  const std::int64_t least = least_component_voxels(settings, geometry);
  std::vector<Cube> cubes;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const kernels::Component& component = components.list[i];
    if (component.voxels < least) continue;
    Cube cube;
    for (int axis = 0; axis < 3; ++axis) {
      const auto low = static_cast<double>(component.box.low[axis]),
                 high = static_cast<double>(component.box.high[axis]);
      cube.centre[axis] = (low + high - 1) / 2 * geometry.spacing[axis];
      cube.side = std::max(cube.side, (high - low) * geometry.spacing[axis]);
    }
    const std::int64_t mean = sums[i] / component.voxels;
    cube.logit = logit(static_cast<double>(mean) / one);
    cubes.push_back(cube);
  }
  return cubes;
}

std::vector<Cube> keep_best(std::vector<Cube> cubes, std::size_t n) {
  std::stable_sort(cubes.begin(), cubes.end(), [](const Cube& a, const Cube& b) { return a.logit > b.logit; });
  cubes.resize(std::min(n, cubes.size()));
  return cubes;
}

std::vector<Cube> suppress_overlaps(const std::vector<Cube>& cubes, double nms_iou) {
  std::vector<Cube> kept;
  for (const Cube& cube : cubes)
    if (std::none_of(kept.begin(), kept.end(), [&](const Cube& better) { return iou(better, cube) >= nms_iou; }))
      kept.push_back(cube);
  return kept;
}

std::vector<Cube> keep_inside_lungs(const std::vector<Cube>& cubes, const NetworkGrid& grid) {
  std::vector<Cube> inside;
  for (const Cube& cube : cubes) {
    const std::int64_t voxel = voxel_at(grid.volume.geometry, cube.centre);
    if (voxel >= 0 && grid.lungs[voxel]) inside.push_back(cube);
  }
  return inside;
}

Candidate to_candidate(const Cube& cube, const NetworkGrid& grid, const Geometry& ct) {
  Candidate candidate;
  for (int axis = 0; axis < 3; ++axis)
    candidate.centre[axis] = grid.axes[axis].to_old(cube.centre[axis] / grid.volume.geometry.spacing[axis]);
  const Point3 centre = ct.to_world(candidate.centre);
  candidate.box_voxels = voxel_box(candidate.centre, {cube.side, cube.side, cube.side}, ct);
  for (int k = 0; k < 3; ++k) {  // the cube is turned with the grid's axes
    double reach = 0;
    for (int axis = 0; axis < 3; ++axis) reach += std::abs(ct.direction[axis][k]) * cube.side / 2;
    candidate.box_mm.low[k] = centre[k] - reach;
    candidate.box_mm.high[k] = centre[k] + reach;
  }
  candidate.score = logistic(cube.logit);
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

Candidates find_candidates(const layers::HostTensor& head, const weights::VNetHyper& hyper,
                           const weights::SegmenterSettings& settings, const NetworkGrid& grid, const Geometry& ct,
                           int threads) {
  std::vector<Cube> cubes;
  if (hyper.rpn) {
    cubes = decode_proposals(head, settings, hyper.extra_classes, settings.threshold);
    cubes = suppress_overlaps(keep_best(std::move(cubes), static_cast<std::size_t>(kernels::most_proposals)),
                              settings.nms_iou);
    cubes = keep_inside_lungs(cubes, grid);
  } else {
    cubes = decode_mask(head, grid, settings, settings.threshold, threads);
  }
  Candidates candidates;
  const auto most = static_cast<std::size_t>(std::max(settings.max_regions, 0));
  candidates.dropped = cubes.size() - std::min(cubes.size(), most);
  for (const Cube& cube : keep_best(std::move(cubes), most)) candidates.kept.push_back(to_candidate(cube, grid, ct));
  return candidates;
}

}  // namespace pleura::screening
