#pragma once
/// kernels/window.hpp on the device.
#include <cuda_fp16.h>
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

namespace pleura::kernels::cuda {

/// Maps a HU window [low, high] linearly to -1..1, clipped; in double, then rounded to nearest even.
void window(const std::int16_t* hu, float* out, std::int64_t voxels, const std::array<double, 2>& window,
            cudaStream_t stream);
void window(const std::int16_t* hu, __half* out, std::int64_t voxels, const std::array<double, 2>& window,
            cudaStream_t stream);

}  // namespace pleura::kernels::cuda
