#include "screening/lung_stages.hpp"

namespace pleura::screening {
namespace {

kernels::AirwayLimits airway_limits(const LungGrid& grid) {
  constexpr std::int64_t least_tube_um = 15'000, bronchus_reach_um = 55'000;
  return {.least_trachea = grid.pixels(50),
          .most_trachea = grid.pixels(900),
          .least_slices = (least_tube_um + grid.spacing_um[0] - 1) / grid.spacing_um[0],
          .least_lumen = grid.pixels(20),
          .most_lumen = grid.pixels(1200),
          .slack = grid.pixels(60),
          .reach = bronchus_reach_um / grid.spacing_um[2]};
}

}  // namespace

kernels::Bits find_airways(kernels::Instrument& on, const AirBits& bits, const LungGrid& grid) {
  using kernels::Connectivity;
  const kernels::Parts air = on.components(bits.air, Connectivity::in_slice);
  // Where an airway's wall is too thin to part it from the lung, its gas alone is followed.
  const kernels::Disc speckle = grid.disc(airway_speckle_um);
  const kernels::Bits clean_gas = on.dilate(on.erode(bits.gas, speckle), speckle);
  const kernels::Bits lumens =
      on.airways(air, on.count_in(air, bits.gas), on.components(bits.air, Connectivity::in_volume),
                 on.components(clean_gas, Connectivity::in_slice), airway_limits(grid));
  return on.combine(on.dilate(lumens, grid.disc(airway_wall_um)), bits.air, kernels::Combination::both);
}

}  // namespace pleura::screening
