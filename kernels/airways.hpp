#pragma once
/// Trachea and main bronchi, followed from slice to slice (docs/lungs.md).
#include <cstdint>
#include <vector>

#include "kernels/components.hpp"

namespace pleura::kernels {

/// What tells them from other air, in voxels of one grid.
struct AirwayLimits {
  std::int64_t least_trachea = 1, most_trachea = 1;  ///< voxels of a cut
  std::int64_t least_slices = 1;                     ///< of tube by which a trachea is known
  std::int64_t least_lumen = 1, most_lumen = 1;      ///< voxels of a cut on the way down
  std::int64_t slack = 0;  ///< voxels that a cut may grow by, beyond 3 / 5 of it, unless air leaks out
  std::int64_t reach = 0;  ///< columns left and right of the trachea, where main bronchi end
};

/// The cuts of slices that go on downwards from the top of the trachea: of the one vertical tube that holds most, in
/// the middle third of the chest and from its upper half. `air` and `clean_gas`, the air's gas without its speckle,
/// which is followed where the wall between airway and lung is too thin, are of slices (Connectivity::in_slice),
/// `pieces` the air's of the volume, whose box is the chest's; gas[i]: how many voxels of air component i are gas.
/// Empty where there is no trachea.
[[nodiscard]] BitVolume find_airways(const Components& air, const std::vector<std::int64_t>& gas,
                                     const Components& pieces, const Components& clean_gas, const Index3& shape,
                                     const AirwayLimits& limits);

namespace reference {
[[nodiscard]] BitVolume find_airways(const Components& air, const std::vector<std::int64_t>& gas,
                                     const Components& pieces, const Components& clean_gas, const Index3& shape,
                                     const AirwayLimits& limits);
}  // namespace reference

}  // namespace pleura::kernels
