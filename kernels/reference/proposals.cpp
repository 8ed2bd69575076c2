#include "kernels/proposals.hpp"

#include "runtime/float16.hpp"

namespace pleura::kernels::reference {

FoundCubes decode_proposals(const runtime::TensorView& head, const ProposalDecoding& how) {
  const runtime::Shape& cells = head.desc.shape;
  const auto anchors = static_cast<std::int64_t>(how.anchors_mm.size()), values = 5 + how.extra_classes;
  FoundCubes found;
  for (std::int64_t z = 0; z < cells.d; ++z)
    for (std::int64_t y = 0; y < cells.h; ++y)
      for (std::int64_t x = 0; x < cells.w; ++x)
        for (std::int64_t a = 0; a < anchors; ++a) {
          const auto value = [&](std::int64_t k) -> double {
            const std::int64_t cell = (z * cells.h + y) * cells.w + x;
            return runtime::load_element(head.desc.dtype, head.data, cell * head.desc.pitch + a * values + k);
          };
          bool finite = true;
          for (std::int64_t k = 0; k < values; ++k) finite = finite && std::isfinite(value(k));
          if (!finite) ++found.counts.not_finite;
          if (!finite || value(0) < how.lowest_logit) continue;
          const double anchor = how.anchors_mm[a];
          Cube cube;
          for (int axis = 0; axis < 3; ++axis)
            cube.centre[axis] =
                proposed_centre(std::array{z, y, x}[axis], how.stride, how.spacing_mm[axis], value(1 + axis), anchor);
          cube.side = anchor * std::exp(clamped_log_scale(value(4), how.largest_log_scale));
          cube.logit = value(0);
          found.best.push_back(cube);
        }
  if (found.counts.not_finite > 0) found.best.clear();
  found.counts.kept = static_cast<std::int32_t>(found.best.size());
  return found;
}

void keep_best(std::vector<Cube>& cubes, std::size_t n) {
  std::vector<bool> taken(cubes.size(), false);
  std::vector<Cube> best;
  while (best.size() < n && best.size() < cubes.size()) {
    std::size_t next = cubes.size();
    for (std::size_t i = 0; i < cubes.size(); ++i)
      if (!taken[i] && (next == cubes.size() || cubes[i].logit > cubes[next].logit)) next = i;
    taken[next] = true;
    best.push_back(cubes[next]);
  }
  cubes = std::move(best);
}

std::vector<Cube> suppress_overlaps(const std::vector<Cube>& cubes, double nms_iou) {
  std::vector<bool> gone(cubes.size(), false);
  std::vector<Cube> kept;
  for (std::size_t i = 0; i < cubes.size(); ++i) {
    if (gone[i]) continue;
    kept.push_back(cubes[i]);
    for (std::size_t j = i + 1; j < cubes.size(); ++j) gone[j] = gone[j] || iou(cubes[i], cubes[j]) >= nms_iou;
  }
  return kept;
}

std::vector<Cube> keep_inside(const std::vector<Cube>& cubes, const std::vector<std::uint8_t>& mask,
                              const Index3& shape, const std::array<double, 3>& spacing_mm) {
  std::vector<Cube> inside;
  for (const Cube& cube : cubes) {
    const std::int64_t z = nearest_voxel(cube.centre[0], spacing_mm[0], shape[0]),
                       y = nearest_voxel(cube.centre[1], spacing_mm[1], shape[1]),
                       x = nearest_voxel(cube.centre[2], spacing_mm[2], shape[2]);
    if (z >= 0 && y >= 0 && x >= 0 && mask[(z * shape[1] + y) * shape[2] + x] != 0) inside.push_back(cube);
  }
  return inside;
}

}  // namespace pleura::kernels::reference
