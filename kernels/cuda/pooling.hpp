#pragma once
/// kernels/pooling.hpp on the device.
#include <cuda_fp16.h>
#include <cuda_runtime_api.h>

#include "kernels/pooling.hpp"

namespace pleura::kernels::cuda {

void pool(const float* input, float* output, const Pooling& operation, cudaStream_t stream);
void pool(const __half* input, __half* output, const Pooling& operation, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
