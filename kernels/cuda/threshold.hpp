#pragma once
/// kernels/threshold.hpp on the device, for all slices of a volume at once.
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

namespace pleura::kernels::cuda {

/// Bit (z, y, x) of `bits`, words as in BitVolume, is hu(z, y, x) < below.
void threshold(const std::int16_t* hu, std::uint64_t* bits, const std::array<std::int64_t, 3>& shape, int below,
               cudaStream_t stream);

}  // namespace pleura::kernels::cuda
