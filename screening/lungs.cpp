#include "screening/lungs.hpp"

#include <algorithm>

#include "kernels/backend.hpp"
#include "screening/lung_stages.hpp"
#include "screening/spacing.hpp"

namespace pleura::screening {
namespace {

/// The rectangle of both lungs in a slice; low == high where neither is.
VoxelBox slice_box(std::int64_t z, const kernels::SliceFigures& left, const kernels::SliceFigures& right) {
  VoxelBox box{{z, 0, 0}, {z, 0, 0}};
  for (const kernels::SliceFigures* lung : {&left, &right}) {
    if (lung->voxels == 0) continue;
    const bool is_first = box.low == box.high;
    box.high[0] = z + 1;
    for (int axis = 0; axis < 2; ++axis) {
      box.low[axis + 1] = is_first ? lung->low[axis] : std::min<std::int64_t>(box.low[axis + 1], lung->low[axis]);
      box.high[axis + 1] = std::max<std::int64_t>(box.high[axis + 1], lung->high[axis]);
    }
  }
  return box;
}

}  // namespace

Lungs label_lungs(kernels::Instrument& on, const LungSides& sides, const Geometry& geometry) {
  Lungs lungs;
  lungs.labels = on.label(sides.left, sides.right);
  const std::vector<kernels::SliceFigures> left = on.measure(sides.left), right = on.measure(sides.right);
  LungsSummary& summary = lungs.summary;
  const auto& spacing = geometry.spacing;
  std::int64_t left_voxels = 0, right_voxels = 0;
  for (std::size_t z = 0; z < left.size(); ++z) {
    left_voxels += left[z].voxels;
    right_voxels += right[z].voxels;
    lungs.slice_voxels.push_back(std::int64_t{left[z].voxels} + right[z].voxels);
    const VoxelBox& box = lungs.slice_boxes.emplace_back(slice_box(static_cast<std::int64_t>(z), left[z], right[z]));
    if (box.low == box.high) continue;
    if (summary.box.low == summary.box.high) summary.box = box;
    for (int axis = 0; axis < 3; ++axis) {
      summary.box.low[axis] = std::min(summary.box.low[axis], box.low[axis]);
      summary.box.high[axis] = std::max(summary.box.high[axis], box.high[axis]);
    }
  }
  summary.left_litres = static_cast<double>(left_voxels) * spacing[0] * spacing[1] * spacing[2] * 1e-6;
  summary.right_litres = static_cast<double>(right_voxels) * spacing[0] * spacing[1] * spacing[2] * 1e-6;
  return lungs;
}

Lungs find_lungs(kernels::Instrument& on, const kernels::Hu& hu, const Geometry& geometry) {
  LungGrid grid{geometry.shape, {}};
  for (int axis = 0; axis < 3; ++axis) grid.spacing_um[axis] = whole_micrometres(geometry.spacing[axis]);
  const AirBits bits = find_air(on, hu, grid);
  grid = in_adult_lengths(on, bits.body, grid);
  const kernels::Bits airways = find_airways(on, bits, grid);
  const LungSides sides = choose_lungs(on, hu, bits, airways, grid);
  return label_lungs(on, complete_lungs(on, sides, airways, bits.body, grid), geometry);
}

MaskedLungs find_lungs(const Volume& volume, int threads) {
  const kernels::OpenDevice cpu = kernels::open_device("cpu", threads);
  const auto on = cpu.instrument();
  MaskedLungs lungs{find_lungs(*on, on->take(volume.hu, volume.geometry.shape), volume.geometry), {}};
  lungs.mask = on->read(lungs.labels);
  return lungs;
}

kernels::EdgePoint edge_point(const Lungs& lungs, std::int64_t slice, double y, double x) {
  const VoxelBox& box = lungs.slice_boxes[slice];
  return {slice, y, x, {box.low[1], box.low[2]}, {box.high[1], box.high[2]}};
}

}  // namespace pleura::screening
