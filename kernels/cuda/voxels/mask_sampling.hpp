#pragma once
/// kernels/mask_sampling.hpp on the device.
#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/mask_sampling.hpp"

namespace pleura::kernels::cuda {

/// out (axes' counts) becomes the mask's nearest voxels.
void sample_mask(const std::uint8_t* mask, std::uint8_t* out, const Index3& shape,
                 const std::array<ResampleAxis, 3>& axes, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
