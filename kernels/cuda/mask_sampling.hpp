#pragma once
/// A label mask on the network's grid, as screening::sample_mask.
#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/resample.hpp"

namespace pleura::kernels::cuda {

/// out (axes' counts) becomes the mask's nearest voxels, 0 outside of it; where two are as near, the one of higher
/// index.
void sample_mask(const std::uint8_t* mask, std::uint8_t* out, const Index3& shape,
                 const std::array<ResampleAxis, 3>& axes, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
