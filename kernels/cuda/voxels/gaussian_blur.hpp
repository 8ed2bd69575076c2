#pragma once
/// kernels/gaussian_blur.hpp on the device, for all slices of a volume at once: the same integers.
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

#include "kernels/gaussian_blur.hpp"

namespace pleura::kernels::cuda {

/// `workspace` is as large as `hu`; `out` may be `hu`. Throws Error(internal) where a kernel reaches past 127 pixels.
void blur(const std::int16_t* hu, std::int16_t* out, std::int16_t* workspace, const std::array<std::int64_t, 3>& shape,
          const GaussianBlur& operation, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
