#pragma once
// A header with device code, translated like the sources.
#include "cuda_runtime.h"

template <int Size>
__device__ float block_total(float value) {
  __shared__ float parts[Size];
  for (int offset = 16; offset > 0; offset /= 2) value += __shfl_xor_sync(0xffffffffu, value, offset);
  if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = value;
  __syncthreads();
  float total = 0;
  for (int part = 0; part < (int)blockDim.x / 32; ++part) total += parts[part];
  return total;
}
