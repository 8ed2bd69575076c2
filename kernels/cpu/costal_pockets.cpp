#include "kernels/costal_pockets.hpp"

#include <algorithm>

#include "kernels/components.hpp"
#include "runtime/parallel.hpp"

namespace pleura::kernels {
namespace {

/// Adds to one connected cut through a lung (in a slice of its own) the pockets between it and its hull at the ribs.
void add_pockets(BitVolume& cut, std::int64_t voxels, const CostalPockets& how) {
  const std::int64_t height = cut.shape[1], width = cut.shape[2];
  const ConvexHull hull = convex_hull(cut.words.data(), height, width);
  BitVolume pockets(cut.shape);
  fill_hull(hull, width, pockets.words.data());
  for (std::size_t i = 0; i < cut.words.size(); ++i) pockets.words[i] &= ~cut.words[i];
  const Components parts = find_components(pockets, Connectivity::in_slice, 1);
  // How much of the hull's length before each pocket is costal, less how much is not.
  std::vector<std::int64_t> costal(parts.list.size());
  const auto visit = [&](const Pixel& a, const Pixel& b, bool low_side) {
    const HullEdge edge{a, b, low_side};
    const std::int64_t length = is_costal(edge, how) ? length_of(edge, how) : -length_of(edge, how);
    for (const int t : {1, 2, 3}) {
      const Pixel pixel = behind(edge, t, cut.words.data(), pockets.words.data(), height, width);
      for (const Run& run : parts.runs)
        if (run.y == pixel.y && run.begin <= pixel.x && pixel.x < run.end) costal[run.component] += length;
    }
  };
  for (std::size_t i = 1; i < hull.low.size(); ++i) visit(hull.low[i - 1], hull.low[i], true);
  for (std::size_t i = 1; i < hull.high.size(); ++i) visit(hull.high[i - 1], hull.high[i], false);
  // The ends, where the hull's first or last row has more than one voxel.
  visit(hull.high.front(), hull.low.front(), true);
  visit(hull.low.back(), hull.high.back(), true);
  for (const Run& run : parts.runs) {
    if (is_costal_pocket(parts.list[run.component].voxels, voxels, costal[run.component], how))
      fill_bits(cut.row(0, run.y), run.begin, run.end, true);
  }
}

/// The same for every cut of one slice that is large enough.
void complete_slice(std::uint64_t* lung, const Index3& shape, const CostalPockets& how) {
  BitVolume slice(shape);
  std::copy_n(lung, slice.words.size(), slice.words.begin());
  const Components parts = find_components(slice, Connectivity::in_slice, 1);
  for (std::size_t i = 0; i < parts.list.size(); ++i) {
    if (parts.list[i].voxels < how.least_cut) continue;
    std::vector<std::uint8_t> wanted(parts.list.size());
    wanted[i] = 1;
    BitVolume cut = draw(parts, wanted, shape, 1);
    add_pockets(cut, parts.list[i].voxels, how);
    for (std::size_t word = 0; word < cut.words.size(); ++word) lung[word] |= cut.words[word];
  }
}

}  // namespace

void add_costal_pockets(BitVolume& lung, const CostalPockets& how, int threads) {
  const Index3 slice{1, lung.shape[1], lung.shape[2]};
  parallel_for(lung.shape[0], threads, [&](std::int64_t z) { complete_slice(lung.slice(z), slice, how); });
}

}  // namespace pleura::kernels
