#pragma once
/// The weighted sums of resampling, the CPU's to the last bit.
#include <cuda_runtime.h>

#include <cstdint>

#include "kernels/cuda/voxels/axis_taps.hpp"

namespace pleura::kernels::cuda {

/// The sum of weight * read(k) over a sample's taps k = 0, 1, ...; products and sums rounded one by one, in that order.
template <class Read>
__device__ inline float weigh(const AxisTaps& axis, std::int64_t sample, const Read& read) {
  const float* weights = axis.weights + sample * axis.most;
  float sum = 0;
  for (std::int32_t k = 0; k < axis.taps[sample]; ++k) sum = __fadd_rn(sum, __fmul_rn(weights[k], read(k)));
  return sum;
}

}  // namespace pleura::kernels::cuda
