#include <algorithm>

#include "screening/lung_stages.hpp"

namespace pleura::screening {
namespace {

using kernels::Bits;
using kernels::Combination;
using kernels::Connectivity;
using kernels::Instrument;

/// Twice the middle of the rows that hold ones.
std::int64_t middle_y2(Instrument& on, const Bits& lung, std::int64_t height) {
  std::int64_t low = height, last = 0;
  for (const kernels::SliceFigures& slice : on.measure(lung)) {
    if (slice.voxels == 0) continue;
    low = std::min<std::int64_t>(low, slice.low[0]);
    last = std::max<std::int64_t>(last, slice.high[0] - 1);
  }
  return low + last;
}

}  // namespace

LungSides complete_lungs(Instrument& on, const LungSides& lungs, const Bits& airways, const Bits& body,
                         const LungGrid& grid) {
  const auto complete = [&](const Bits& lung, const Bits& other, bool is_left) {
    const kernels::CostalPockets how{.spacing_y_um = grid.spacing_um[1],
                                     .spacing_x_um = grid.spacing_um[2],
                                     .is_left = is_left,
                                     .middle_y2 = middle_y2(on, lung, grid.shape[1]),
                                     .least_cut = grid.pixels(least_cut_mm2),
                                     .most_voxels = grid.pixels(most_pocket_mm2),
                                     .most_edge_um = most_edge_um};
    Bits added = on.add_costal_pockets(on.close(lung, grid.disc(closing_um)), how);
    added = on.combine(added, body, Combination::both);
    for (const Bits& others : {other, airways}) added = on.combine(added, others, Combination::first_only);
    const Bits closed = on.combine(lung, added, Combination::either);
    const std::int64_t all = grid.shape[0] * grid.shape[1] * grid.shape[2];
    return on.fill_holes(on.fill_holes(closed, Connectivity::in_volume, all), Connectivity::in_slice,
                         grid.pixels(most_hole_mm2));
  };
  const Bits left = complete(lungs.left, lungs.right, true);
  const Bits right = complete(lungs.right, left, false);
  return {left, on.combine(right, left, Combination::first_only)};
}

}  // namespace pleura::screening
