#pragma once
/// kernels/conversion.hpp on the device.
#include <cuda_fp16.h>
#include <cuda_runtime_api.h>

#include "kernels/conversion.hpp"

namespace pleura::kernels::cuda {

/// From float or __half to float, or from float to __half.
template <class In, class Out>
void convert(const In* input, Out* output, const Conversion& operation, cudaStream_t stream);

/// The same by the operation's types. Throws Error(internal) for others than those.
void convert(const void* input, void* output, const Conversion& operation, const runtime::Stream& stream);

}  // namespace pleura::kernels::cuda
