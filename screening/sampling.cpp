#include "screening/sampling.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/distance_transform.hpp"
#include "runtime/parallel.hpp"
#include "screening/spacing.hpp"

namespace pleura::screening {
namespace {

constexpr std::int16_t outside_volume = -1024;
constexpr double farthest_centre = 1e6;  ///< far outside any volume

}  // namespace

std::vector<std::uint8_t> sample_mask(const std::vector<std::uint8_t>& mask, const Index3& shape,
                                      const std::array<kernels::ResampleAxis, 3>& axes, int threads) {
  std::array<std::vector<std::int64_t>, 3> nearest;
  for (int axis = 0; axis < 3; ++axis)
    for (std::int64_t k = 0; k < axes[axis].count; ++k) {
      const std::int64_t unit = axes[axis].unit, halves = 2 * axes[axis].position(k) + unit;
      const std::int64_t index = halves < 0 ? -1 : halves / (2 * unit);
      nearest[axis].push_back(index < shape[axis] ? index : -1);
    }
  const std::int64_t height = axes[1].count, width = axes[2].count;
  std::vector<std::uint8_t> sampled(axes[0].count * height * width);
  parallel_for(axes[0].count, threads, [&](std::int64_t z) {
    for (std::int64_t y = 0; y < height; ++y)
      for (std::int64_t x = 0; x < width; ++x) {
        const std::int64_t from_z = nearest[0][z], from_y = nearest[1][y], from_x = nearest[2][x];
        if (from_z >= 0 && from_y >= 0 && from_x >= 0)
          sampled[(z * height + y) * width + x] = mask[(from_z * shape[1] + from_y) * shape[2] + from_x];
      }
  });
  return sampled;
}

NetworkGrid resample_lungs(const Volume& volume, const Lungs& lungs, const weights::SegmenterSettings& settings,
                           int threads) {
  threads = resolve_threads(threads);
  const Geometry& from = volume.geometry;
  const VoxelBox& box = lungs.summary.box;
  NetworkGrid grid;
  Geometry& to = grid.volume.geometry;
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
  grid.volume.hu = kernels::resample(volume.hu.data(), from.shape, how, threads);
  grid.lungs = sample_mask(lungs.mask, from.shape, how.axes, threads);
  if (std::isnan(settings.outside_hu)) return grid;

  std::array<std::int64_t, 3> spacing_um{};
  for (int axis = 0; axis < 3; ++axis) spacing_um[axis] = whole_micrometres(settings.spacing_mm[axis]);
  const std::int64_t margin_um = whole_micrometres(settings.outside_margin_mm);
  const auto outside = static_cast<std::int16_t>(std::lround(settings.outside_hu));
  const auto distances = kernels::squared_distances(grid.lungs, to.shape, spacing_um, threads);
  for (std::size_t i = 0; i < distances.size(); ++i)
    if (distances[i] > margin_um * margin_um) grid.volume.hu[i] = outside;
  return grid;
}

kernels::ResampleAxis patch_axis(double centre, double spacing, double field_mm, std::int64_t pixels) {
  const std::int64_t field = whole_parts(field_mm), unit = 2 * pixels * spacing_parts(spacing);
  const double near = std::clamp(centre, -farthest_centre, farthest_centre);
  return {std::llround(near * static_cast<double>(unit)) - (pixels - 1) * field, 2 * field, pixels, unit};
}

std::vector<std::int16_t> cut_patch(const Volume& volume, std::int64_t slice, double y, double x, double field_mm,
                                    std::int64_t pixels) {
  const auto [depth, height, width] = volume.geometry.shape;
  if (slice < 0 || slice >= depth) return std::vector<std::int16_t>(pixels * pixels, outside_volume);
  const auto& spacing = volume.geometry.spacing;
  const kernels::Resample how{
      {{{0, 1, 1}, patch_axis(y, spacing[1], field_mm, pixels), patch_axis(x, spacing[2], field_mm, pixels)}},
      outside_volume};
  return kernels::resample(volume.hu.data() + slice * height * width, {1, height, width}, how, 1);
}

}  // namespace pleura::screening
