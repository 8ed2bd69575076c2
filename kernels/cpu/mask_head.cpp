#include "kernels/mask_head.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/components.hpp"
#include "runtime/parallel.hpp"

namespace pleura::kernels {
namespace {

/// The smallest cube around a component.
Cube around(const Component& component, const std::array<double, 3>& spacing_mm, double probability) {
  Cube cube;
  for (int axis = 0; axis < 3; ++axis) {
    const auto low = static_cast<double>(component.box.low[axis]), high = static_cast<double>(component.box.high[axis]);
    cube.centre[axis] = (low + high - 1) / 2 * spacing_mm[axis];
    cube.side = std::max(cube.side, (high - low) * spacing_mm[axis]);
  }
  cube.logit = logit(probability);
  return cube;
}

}  // namespace

FoundCubes enclose_foreground(const runtime::TensorView& head, std::span<const std::uint8_t> mask,
                              const MaskDecoding& how, int threads) {
  const runtime::Shape& sizes = head.desc.shape;
  const Index3 shape{sizes.d, sizes.h, sizes.w};
  const auto logit_at = [&](std::int64_t voxel) {
    const float* const logits = static_cast<const float*>(head.data) + voxel * head.desc.pitch;
    return static_cast<double>(logits[1]) - static_cast<double>(logits[0]);
  };
  BitVolume foreground(shape);
  std::vector<std::int64_t> not_finite(shape[0]);
  parallel_for(shape[0], threads, [&](std::int64_t z) {
    std::int64_t voxel = z * shape[1] * shape[2];
    for (std::int64_t y = 0; y < shape[1]; ++y)
      for (std::int64_t x = 0; x < shape[2]; ++x, ++voxel) {
        const double value = logit_at(voxel);
        if (!std::isfinite(value)) ++not_finite[z];
        if (mask[voxel] != 0 && value >= how.lowest_logit) foreground.set(z, y, x);
      }
  });
  FoundCubes found;
  for (const std::int64_t of_slice : not_finite) found.counts.not_finite += static_cast<std::int32_t>(of_slice);
  if (found.counts.not_finite > 0) return found;

  const Components components = find_components(foreground, Connectivity::in_volume, threads);
  constexpr auto one = static_cast<double>(probability_one);
  std::vector<std::int64_t> sums(components.list.size());
  for (const Run& run : components.runs)
    for (std::int64_t x = run.begin; x < run.end; ++x) {
      const double probability = logistic(logit_at((run.z * shape[1] + run.y) * shape[2] + x));
      sums[run.component] += static_cast<std::int64_t>(std::floor(probability * one + 0.5));
    }
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const Component& component = components.list[i];
    if (component.voxels < how.least_voxels) continue;
    found.best.push_back(around(component, how.spacing_mm, static_cast<double>(sums[i] / component.voxels) / one));
  }
  const auto all = static_cast<std::int32_t>(found.best.size());
  keep_best(found.best, static_cast<std::size_t>(how.most));
  found.counts.kept = static_cast<std::int32_t>(found.best.size());
  found.counts.dropped = all - found.counts.kept;
  return found;
}

}  // namespace pleura::kernels
