#include <algorithm>

#include "screening/lung_stages.hpp"

namespace pleura::screening {
namespace {

using kernels::Bits;
using kernels::Combination;
using kernels::Connectivity;
using kernels::Instrument;

/// Padding around the field of view: the lowest values there are, solid (all of 3 x 3), reaching the slice's edge.
Bits find_padding(Instrument& on, const kernels::Hu& hu) {
  const kernels::Disc square{{1, 1}};
  const Bits solid = on.erode(on.lowest(hu, padding_at_most + 1), square);
  const kernels::Parts parts = on.components(solid, Connectivity::in_slice);
  return on.dilate(on.draw(parts, kernels::AtEdge{}), square);
}

/// Per slice the convex hull of the body: of the largest piece of tissue that stays when tables and clothes, being
/// thin, are worn away.
Bits find_body_hull(Instrument& on, const Bits& air, const Bits& padding, const LungGrid& grid) {
  const Bits hollow = on.combine(air, padding, Combination::either);
  const Bits thick = on.invert(on.dilate(hollow, grid.disc(table_shell_um)));
  const kernels::Parts parts = on.components(thick, Connectivity::in_volume);
  return on.hulls(on.draw(parts, kernels::Largest{}));
}

}  // namespace

kernels::GaussianBlur air_blur(const LungGrid& grid) {
  const auto weights = [&](int axis) {
    return kernels::gaussian_weights(air_blur_mm * 1000 / static_cast<double>(grid.spacing_um[axis]));
  };
  return {weights(1), weights(2)};
}

LungGrid in_adult_lengths(Instrument& on, const Bits& body, const LungGrid& grid) {
  std::int64_t widest = 0;
  for (const kernels::SliceFigures& slice : on.measure(body))
    widest = std::max<std::int64_t>(widest, slice.high[1] - slice.low[1]);
  const std::int64_t width_um = widest * grid.spacing_um[2];
  if (width_um == 0 || width_um >= adult_width_um) return grid;
  LungGrid adult = grid;
  adult.permille = std::max(least_permille, width_um * 1000 / adult_width_um);
  for (std::int64_t& spacing : adult.spacing_um) spacing = spacing * 1000 / adult.permille;
  return adult;
}

AirBits find_air(Instrument& on, const kernels::Hu& hu, const LungGrid& grid) {
  const std::vector<Bits> levels = on.below(hu, air_blur(grid), {air_below, gas_below, pocket_below});
  const Bits padding = find_padding(on, hu);
  const Bits air = on.combine(levels[0], padding, Combination::first_only);
  const Bits body = find_body_hull(on, air, padding, grid);

  // Around the body is what lies beyond its hull, or reaches the edge or the padding and is mostly void: lung that the
  // field of view cuts is not.
  const kernels::Parts parts = on.components(air, Connectivity::in_slice);
  const Bits beside_padding = on.dilate(padding, {{1, 0}});
  const Bits inside = on.draw(parts, kernels::InsideBody{on.count_in(parts, body), on.count_in(parts, levels[2]),
                                                         on.count_in(parts, beside_padding)});
  return {inside, on.combine(levels[1], inside, Combination::both), on.combine(levels[2], inside, Combination::both),
          body};
}

}  // namespace pleura::screening
