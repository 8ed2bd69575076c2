#pragma once
/// Elements of activations as kernels store them, and fp32 as they compute.
#include <cuda_fp16.h>
#include <cuda_runtime.h>

namespace pleura::kernels::cuda {

__device__ inline float to_float(float value) { return value; }
__device__ inline float to_float(__half value) { return __half2float(value); }

/// Rounded to nearest even.
template <class Element>
__device__ inline Element from_float(float value);
template <>
__device__ inline float from_float<float>(float value) {
  return value;
}
template <>
__device__ inline __half from_float<__half>(float value) {
  return __float2half_rn(value);
}

}  // namespace pleura::kernels::cuda
