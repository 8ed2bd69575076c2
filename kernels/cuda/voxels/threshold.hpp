#pragma once
/// kernels/threshold.hpp on the device, for all slices of a volume at once.
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

namespace pleura::kernels::cuda {

/// Bit (z, y, x) of `bits`, words as in BitVolume, is hu(z, y, x) < below.
void threshold(const std::int16_t* hu, std::uint64_t* bits, const std::array<std::int64_t, 3>& shape, int below,
               cudaStream_t stream);

/// The same, but below at least one more than *lowest: the lowest HU that there is counts as low whatever it is.
void threshold(const std::int16_t* hu, std::uint64_t* bits, const std::array<std::int64_t, 3>& shape, int below,
               const int* lowest, cudaStream_t stream);

/// *lowest becomes the lowest of `voxels` (> 0) HU.
void find_lowest(const std::int16_t* hu, std::int64_t voxels, int* lowest, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
