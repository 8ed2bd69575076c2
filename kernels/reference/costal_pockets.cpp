#include "kernels/costal_pockets.hpp"

#include "kernels/components.hpp"

namespace pleura::kernels::reference {
namespace {

/// The ones of a slice that are one component.
BitVolume one_part(const Components& parts, std::int32_t number, const Index3& shape) {
  BitVolume bits(shape);
  for (const Run& run : parts.runs)
    for (std::int64_t x = run.begin; x < run.end && run.component == number; ++x) bits.set(0, run.y, x);
  return bits;
}

/// The hull's edges: along its two chains, and across its first and its last row.
std::vector<HullEdge> edges_of(const ConvexHull& hull) {
  std::vector<HullEdge> edges;
  for (std::size_t i = 1; i < hull.low.size(); ++i) edges.push_back({hull.low[i - 1], hull.low[i], true});
  for (std::size_t i = 1; i < hull.high.size(); ++i) edges.push_back({hull.high[i - 1], hull.high[i], false});
  edges.push_back({hull.high.front(), hull.low.front(), true});
  edges.push_back({hull.low.back(), hull.high.back(), true});
  return edges;
}

/// How much of the hull's length before a pocket is costal, less how much is not: each edge three times, at its
/// quarters.
std::int64_t costal_length(const BitVolume& pocket, const BitVolume& pockets, const BitVolume& cut,
                           const std::vector<HullEdge>& edges, const CostalPockets& how) {
  std::int64_t sum = 0;
  for (const HullEdge& edge : edges)
    for (const int quarter : {1, 2, 3}) {
      const Pixel pixel = behind(edge, quarter, cut.words.data(), pockets.words.data(), cut.shape[1], cut.shape[2]);
      if (pixel.y < 0 || !pocket.get(0, pixel.y, pixel.x)) continue;
      sum += is_costal(edge, how) ? length_of(edge, how) : -length_of(edge, how);
    }
  return sum;
}

/// Adds to a lung in slice z the pockets of one of its cuts, of so many voxels.
void add_pockets_of(const BitVolume& cut, std::int64_t voxels, const CostalPockets& how, BitVolume& lung,
                    std::int64_t z) {
  const auto [slices, height, width] = cut.shape;
  BitVolume pockets(cut.shape);
  reference::fill_convex_hull(cut.words.data(), height, width, pockets.words.data());
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x)
      if (cut.get(0, y, x)) pockets.set(0, y, x, false);
  const auto edges = edges_of(reference::convex_hull(cut.words.data(), height, width));
  const Components parts = reference::find_components(pockets, Connectivity::in_slice);
  for (std::size_t i = 0; i < parts.list.size(); ++i) {
    const BitVolume pocket = one_part(parts, static_cast<std::int32_t>(i), cut.shape);
    const std::int64_t costal_um = costal_length(pocket, pockets, cut, edges, how);
    if (!is_costal_pocket(parts.list[i].voxels, voxels, costal_um, how)) continue;
    for (std::int64_t y = 0; y < height; ++y)
      for (std::int64_t x = 0; x < width; ++x)
        if (pocket.get(0, y, x)) lung.set(z, y, x);
  }
}

}  // namespace

void add_costal_pockets(BitVolume& lung, const CostalPockets& how) {
  const Index3 shape{1, lung.shape[1], lung.shape[2]};
  for (std::int64_t z = 0; z < lung.shape[0]; ++z) {
    BitVolume slice(shape);
    for (std::int64_t y = 0; y < shape[1]; ++y)
      for (std::int64_t x = 0; x < shape[2]; ++x) slice.set(0, y, x, lung.get(z, y, x));
    const Components cuts = reference::find_components(slice, Connectivity::in_slice);
    for (std::size_t i = 0; i < cuts.list.size(); ++i)
      if (cuts.list[i].voxels >= how.least_cut)
        add_pockets_of(one_part(cuts, static_cast<std::int32_t>(i), shape), cuts.list[i].voxels, how, lung, z);
  }
}

}  // namespace pleura::kernels::reference
