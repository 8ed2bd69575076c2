#include "screening/sampling.hpp"

#include <algorithm>
#include <cmath>

#include "screening/spacing.hpp"

namespace pleura::screening {
namespace {

constexpr double farthest_centre = 1e6;  ///< far outside any volume

}  // namespace

NetworkGrid resample_lungs(kernels::Instrument& on, const kernels::Hu& hu, const Geometry& from, const Lungs& lungs,
                           const weights::SegmenterSettings& settings) {
  const VoxelBox& box = lungs.summary.box;
  NetworkGrid grid;
  Geometry& to = grid.geometry;
  kernels::Resample how;
  how.outside = outside_volume;
  std::array<double, 3> first{};
  for (int axis = 0; axis < 3; ++axis) {
    const std::int64_t spacing = spacing_parts(from.spacing[axis]), step = spacing_parts(settings.spacing_mm[axis]);
    const std::int64_t extent =
        (box.high[axis] - box.low[axis]) * spacing + 2 * whole_parts(settings.outside_margin_mm);
    const std::int64_t count = (extent + 16 * step - 1) / (16 * step) * 16;
    const std::int64_t twice_centre = box.low[axis] + box.high[axis] - 1;
    grid.axes[axis] = {twice_centre * spacing - (count - 1) * step, 2 * step, count, 2 * spacing};
    first[axis] = grid.axes[axis].to_old(0);
    to.shape[axis] = count;
  }
  how.axes = grid.axes;
  to.spacing = settings.spacing_mm;
  to.direction = from.direction;
  to.origin = from.to_world(first);
  grid.hu = on.resample(hu, how);
  grid.lungs = on.sample(lungs.labels, how.axes);
  if (!std::isnan(settings.outside_hu)) {
    std::array<std::int64_t, 3> spacing_um{};
    for (int axis = 0; axis < 3; ++axis) spacing_um[axis] = whole_micrometres(settings.spacing_mm[axis]);
    grid.hu = on.fill_far(grid.hu, grid.lungs, spacing_um, whole_micrometres(settings.outside_margin_mm),
                          static_cast<std::int16_t>(std::lround(settings.outside_hu)));
  }
  return grid;
}

kernels::ResampleAxis patch_axis(double centre, double spacing, double field_mm, std::int64_t pixels) {
  const std::int64_t field = whole_parts(field_mm), unit = 2 * pixels * spacing_parts(spacing);
  const double near = std::clamp(centre, -farthest_centre, farthest_centre);
  return {std::llround(near * static_cast<double>(unit)) - (pixels - 1) * field, 2 * field, pixels, unit};
}

}  // namespace pleura::screening
