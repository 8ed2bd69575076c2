#pragma once
/// kernels/pooling.hpp on the device.
#include <cuda_fp16.h>
#include <cuda_runtime_api.h>

#include "kernels/pooling.hpp"

namespace pleura::kernels::cuda {

/// Element: float or __half.
template <class Element>
void pool(const Element* input, Element* output, const Pooling& operation, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
