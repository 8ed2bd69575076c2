#include "kernels/proposals.hpp"

#include <algorithm>
#include <cmath>

namespace pleura::kernels {

FoundCubes decode_proposals(const runtime::TensorView& head, const ProposalDecoding& how) {
  const auto anchors = static_cast<std::int64_t>(how.anchors_mm.size());
  const std::int64_t values = 5 + how.extra_classes;
  const runtime::Shape& cells = head.desc.shape;
  FoundCubes found;
  const auto* voxel = static_cast<const float*>(head.data);
  for (std::int64_t z = 0; z < cells.d; ++z)
    for (std::int64_t y = 0; y < cells.h; ++y)
      for (std::int64_t x = 0; x < cells.w; ++x, voxel += head.desc.pitch)
        for (std::int64_t a = 0; a < anchors; ++a) {
          const float* const value = voxel + a * values;
          if (!std::all_of(value, value + values, [](float one) { return std::isfinite(one); })) {
            ++found.counts.not_finite;
            continue;
          }
          if (value[0] < how.lowest_logit) continue;
          const double anchor = how.anchors_mm[a];
          const auto centre = [&](std::int64_t cell, int axis) {
            return proposed_centre(cell, how.stride, how.spacing_mm[axis], value[1 + axis], anchor);
          };
          found.best.push_back({{centre(z, 0), centre(y, 1), centre(x, 2)},
                                anchor * std::exp(clamped_log_scale(value[4], how.largest_log_scale)),
                                value[0]});
        }
  if (found.counts.not_finite > 0) found.best.clear();
  found.counts.kept = static_cast<std::int32_t>(found.best.size());
  return found;
}

void keep_best(std::vector<Cube>& cubes, std::size_t n) {
  std::stable_sort(cubes.begin(), cubes.end(), [](const Cube& a, const Cube& b) { return a.logit > b.logit; });
  cubes.resize(std::min(n, cubes.size()));
}

std::vector<Cube> suppress_overlaps(const std::vector<Cube>& cubes, double nms_iou) {
  std::vector<Cube> kept;
  for (const Cube& cube : cubes)
    if (std::none_of(kept.begin(), kept.end(), [&](const Cube& better) { return iou(better, cube) >= nms_iou; }))
      kept.push_back(cube);
  return kept;
}

std::vector<Cube> keep_inside(const std::vector<Cube>& cubes, std::span<const std::uint8_t> mask, const Index3& shape,
                              const std::array<double, 3>& spacing_mm) {
  std::vector<Cube> inside;
  for (const Cube& cube : cubes) {
    Index3 at{};
    for (int axis = 0; axis < 3; ++axis) at[axis] = nearest_voxel(cube.centre[axis], spacing_mm[axis], shape[axis]);
    const bool in_grid = *std::min_element(at.begin(), at.end()) >= 0;
    if (in_grid && mask[(at[0] * shape[1] + at[1]) * shape[2] + at[2]] != 0) inside.push_back(cube);
  }
  return inside;
}

}  // namespace pleura::kernels
