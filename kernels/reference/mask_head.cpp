#include "kernels/mask_head.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/components.hpp"
#include "runtime/float16.hpp"

namespace pleura::kernels::reference {

FoundCubes enclose_foreground(const runtime::TensorView& head, const std::vector<std::uint8_t>& mask,
                              const MaskDecoding& how) {
  const runtime::Shape& sizes = head.desc.shape;
  const auto logit_of = [&](std::int64_t z, std::int64_t y, std::int64_t x) {
    const std::int64_t first = ((z * sizes.h + y) * sizes.w + x) * head.desc.pitch;
    const double background = runtime::load_element(head.desc.dtype, head.data, first);
    return runtime::load_element(head.desc.dtype, head.data, first + 1) - background;
  };
  FoundCubes found;
  BitVolume foreground({sizes.d, sizes.h, sizes.w});
  for (std::int64_t z = 0; z < sizes.d; ++z)
    for (std::int64_t y = 0; y < sizes.h; ++y)
      for (std::int64_t x = 0; x < sizes.w; ++x) {
        if (!std::isfinite(logit_of(z, y, x))) ++found.counts.not_finite;
        foreground.set(z, y, x, mask[(z * sizes.h + y) * sizes.w + x] != 0 && logit_of(z, y, x) >= how.lowest_logit);
      }
  if (found.counts.not_finite > 0) return found;

  const Components parts = reference::find_components(foreground, Connectivity::in_volume);
  const auto one = static_cast<double>(probability_one);
  std::vector<std::int64_t> sums(parts.list.size());
  for (const Run& run : parts.runs)
    for (std::int64_t x = run.begin; x < run.end; ++x)
      sums[run.component] += static_cast<std::int64_t>(std::floor(logistic(logit_of(run.z, run.y, x)) * one + 0.5));
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const auto& [voxels, box, index_sum] = parts.list[i];
    if (voxels < how.least_voxels) continue;
    Cube cube;
    for (int axis = 0; axis < 3; ++axis) {
      const double mm = how.spacing_mm[axis];
      cube.centre[axis] = static_cast<double>(box.low[axis] + box.high[axis] - 1) / 2 * mm;
      cube.side = std::max(cube.side, static_cast<double>(box.high[axis] - box.low[axis]) * mm);
    }
    cube.logit = logit(static_cast<double>(sums[i] / voxels) / one);
    found.best.push_back(cube);
  }
  const std::size_t all = found.best.size();
  reference::keep_best(found.best, static_cast<std::size_t>(how.most));
  found.counts.kept = static_cast<std::int32_t>(found.best.size());
  found.counts.dropped = static_cast<std::int32_t>(all - found.best.size());
  return found;
}

}  // namespace pleura::kernels::reference
