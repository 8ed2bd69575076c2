#pragma once
/// Where the ones of a volume of bits lie.
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

namespace pleura::kernels::cuda {

struct BitFigures {
  unsigned long long count = 0, sum_x = 0;  ///< of the ones
  int low_y = 0, high_y = 0;                ///< their first row and last; (height, 0) where there is none
};

/// *figures becomes that of slices [low, high), low < high.
void measure_bits(const std::uint64_t* bits, const std::array<std::int64_t, 3>& shape, std::int64_t low,
                  std::int64_t high, BitFigures* figures, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
