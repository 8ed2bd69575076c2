#include "screening/lung_stages.hpp"

namespace pleura::screening {

kernels::BitVolume find_airways(const AirBits& bits, const LungGrid& grid) {
  (void)bits;
  return kernels::BitVolume(grid.shape);
}

}  // namespace pleura::screening
