#pragma once
/// kernels/conversion.hpp on the device.
#include <cuda_fp16.h>
#include <cuda_runtime_api.h>

#include "kernels/conversion.hpp"

namespace pleura::kernels::cuda {

void convert(const float* input, float* output, const Conversion& operation, cudaStream_t stream);
void convert(const float* input, __half* output, const Conversion& operation, cudaStream_t stream);
void convert(const __half* input, float* output, const Conversion& operation, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
