#include "kernels/components.hpp"

#include <algorithm>

namespace pleura::kernels::reference {
namespace {

/// Numbers one component by a flood from its first voxel.
void flood(const BitVolume& bits, Connectivity connectivity, const Index3& first, std::int32_t number,
           std::vector<std::int32_t>& labels, Component& component) {
  const auto at = [&](const Index3& v) { return (v[0] * bits.shape[1] + v[1]) * bits.shape[2] + v[2]; };
  std::vector<Index3> open{first};
  labels[at(first)] = number;
  component.box = {first, first};
  while (!open.empty()) {
    const Index3 voxel = open.back();
    open.pop_back();
    ++component.voxels;
    for (int axis = 0; axis < 3; ++axis) {
      component.index_sum[axis] += voxel[axis];
      component.box.low[axis] = std::min(component.box.low[axis], voxel[axis]);
      component.box.high[axis] = std::max(component.box.high[axis], voxel[axis] + 1);
      if (axis == 0 && connectivity == Connectivity::in_slice) continue;
      for (const int step : {-1, 1}) {
        Index3 next = voxel;
        next[axis] += step;
        if (next[axis] < 0 || next[axis] >= bits.shape[axis] || !bits.get(next[0], next[1], next[2])) continue;
        if (labels[at(next)] >= 0) continue;
        labels[at(next)] = number;
        open.push_back(next);
      }
    }
  }
}

}  // namespace

Components find_components(const BitVolume& bits, Connectivity connectivity) {
  const auto [depth, height, width] = bits.shape;
  Components found;
  std::vector<std::int32_t> labels(depth * height * width, -1);
  for (std::int64_t z = 0; z < depth; ++z) {
    found.first_run.push_back(static_cast<std::int64_t>(found.runs.size()));
    for (std::int64_t y = 0; y < height; ++y)
      for (std::int64_t x = 0; x < width; ++x) {
        if (!bits.get(z, y, x)) continue;
        std::int32_t& label = labels[(z * height + y) * width + x];
        if (label < 0) {
          const auto number = static_cast<std::int32_t>(found.list.size());
          flood(bits, connectivity, {z, y, x}, number, labels, found.list.emplace_back());
        }
        if (x > 0 && bits.get(z, y, x - 1))
          ++found.runs.back().end;
        else
          found.runs.push_back({static_cast<std::int32_t>(z), static_cast<std::int32_t>(y),
                                static_cast<std::int32_t>(x), static_cast<std::int32_t>(x + 1), label});
      }
  }
  found.first_run.push_back(static_cast<std::int64_t>(found.runs.size()));
  return found;
}

}  // namespace pleura::kernels::reference
