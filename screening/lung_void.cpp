#include <algorithm>
#include <limits>

#include "screening/lung_stages.hpp"

namespace pleura::screening {
namespace {

using kernels::Bits;
using kernels::Combination;
using kernels::Connectivity;
using kernels::Instrument;

constexpr std::int64_t core_um = 3000;   ///< gas narrower than twice this is no pocket
constexpr std::int64_t rim_um = 4000;    ///< how far a pocket's partial volume reaches
constexpr std::int64_t shell_um = 5000;  ///< of what lies around the rim
constexpr std::int64_t least_core_ul = 500;
constexpr std::int64_t most_vessel_mm2 = 100;  ///< an island in a slice; a collapsed lung is larger
constexpr std::int64_t vessels_share = 1000;   ///< of the emptiest lung at least one voxel in so many is of vessels

/// A distance in mm, but no less than some voxels of the slice.
kernels::Disc disc_of(std::int64_t radius_um, std::int64_t least_voxels, const LungGrid& grid) {
  return grid.disc(std::max(radius_um, least_voxels * std::max(grid.spacing_um[1], grid.spacing_um[2])));
}

/// How many ones two volumes share, and how many the first has alone.
struct Shares {
  std::int64_t both = 0, only = 0;
};
Shares compare(Instrument& on, const Bits& first, const Bits& second) {
  return {on.count(on.combine(first, second, Combination::both)),
          on.count(on.combine(first, second, Combination::first_only))};
}

/// Does a pocket hold what lung has however empty it is, and the gas of stomach, bowel and pleura has not: vessels,
/// islands of what is no gas?
bool holds_vessels(Instrument& on, const Bits& pocket, const Bits& gas, const kernels::Disc& core,
                   const LungGrid& grid) {
  const Bits filled = on.fill_holes(on.dilate(pocket, core), Connectivity::in_slice, grid.pixels(most_vessel_mm2));
  const Shares shares = compare(on, filled, gas);
  return vessels_share * shares.only >= shares.both;
}

}  // namespace

int highest_air(Instrument& on, const kernels::Hu& hu, const Bits& airways, const Bits& gas) {
  const kernels::HuMedian found = on.median(hu, on.combine(airways, gas, Combination::both));
  return found.voxels > 0 ? found.hu + above_tracheal_air : std::numeric_limits<int>::max();
}

Bits remove_gas_pockets(Instrument& on, const Bits& candidates, const kernels::Hu& hu, const AirBits& bits,
                        int air_at_most, const LungGrid& grid) {
  const kernels::Disc core = disc_of(core_um, 1, grid), rim = disc_of(core_um + rim_um, 3, grid),
                      shell = disc_of(core_um + rim_um + shell_um, 5, grid);
  const kernels::Parts parts = on.components(on.erode(bits.pocket, core), Connectivity::in_volume);
  Bits left = candidates;
  for (const kernels::ListedPart& part : on.list(parts, grid.voxels(least_core_ul), 0)) {
    const Bits pocket = on.draw(parts, kernels::Only{part.number});
    if (on.median(hu, pocket).hu > air_at_most) continue;
    const Bits taken = on.dilate(pocket, rim);
    const Bits ring = on.combine(on.dilate(pocket, shell), taken, Combination::first_only);
    const Shares around = compare(on, ring, left);
    const bool has_lung_around = around.both >= around.only;
    if (has_lung_around || holds_vessels(on, pocket, bits.gas, core, grid)) continue;
    left = on.combine(left, taken, Combination::first_only);
  }
  return left;
}

}  // namespace pleura::screening
