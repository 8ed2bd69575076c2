#pragma once
/// What tells trachea and main bronchi from other air, in voxels of one grid (docs/lungs.md).
#include <cstdint>

namespace pleura::kernels {

struct AirwayLimits {
  std::int64_t least_trachea = 1, most_trachea = 1;  ///< voxels of a cut
  std::int64_t least_slices = 1;                     ///< of tube by which a trachea is known
  std::int64_t least_lumen = 1, most_lumen = 1;      ///< voxels of a cut on the way down
  std::int64_t slack = 0;  ///< voxels that a cut may grow by, beyond 3 / 5 of it, unless air leaks out
  std::int64_t reach = 0;  ///< columns left and right of the trachea, where main bronchi end
};

}  // namespace pleura::kernels
