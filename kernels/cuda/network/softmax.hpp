#pragma once
/// kernels/softmax.hpp on the device.
#include <cuda_fp16.h>
#include <cuda_runtime_api.h>

#include "kernels/softmax.hpp"

namespace pleura::kernels::cuda {

/// In: float or __half.
template <class In>
void softmax(const In* input, float* output, const Softmax& operation, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
