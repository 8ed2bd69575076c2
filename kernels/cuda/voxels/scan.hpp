#pragma once
/// Sums of all values before each one.
#include <cuda_runtime_api.h>

#include <cstdint>

namespace pleura::kernels::cuda {

/// values[i] becomes the sum of those before it, values[count] that of all. `values` has room for count + 1 (count >
/// 0); their sum is below 2^31.
void scan(std::int32_t* values, std::int64_t count, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
