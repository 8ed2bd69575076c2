#pragma once
/// Where the ones of a slice lie.
#include <cstdint>

namespace pleura::kernels {

struct SliceFigures {
  int low[2] = {}, high[2] = {};  ///< their rectangle, half open, (y, x); all 0 where there is none
  int voxels = 0;
  std::int64_t sum_x = 0;  ///< of their columns
};

}  // namespace pleura::kernels
