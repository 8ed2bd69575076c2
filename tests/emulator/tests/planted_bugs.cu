#include "planted_bugs.hpp"

#include "emulated_ptx.h"

namespace planted {

namespace {

__global__ void missing_barrier_kernel(float* out) {
  __shared__ float values[64];
  values[threadIdx.x] = threadIdx.x;
  out[threadIdx.x] = threadIdx.x > 0 ? values[threadIdx.x - 1] : 0;
}

__global__ void missing_syncwarp_kernel(float* out) {
  __shared__ float values[32];
  values[threadIdx.x] = threadIdx.x;
  out[threadIdx.x] = values[threadIdx.x ^ 1];
}

__global__ void shared_overflow_kernel(float* out, int past) {
  __shared__ float values[64];
  __shared__ float others[64];
  others[threadIdx.x] = 1;
  values[threadIdx.x] = 2;
  if (threadIdx.x == 0) values[63 + past] = 3;
  __syncthreads();
  out[threadIdx.x] = values[threadIdx.x] + others[threadIdx.x];
}

__global__ void dynamic_shared_overflow_kernel(float* out, int past) {
  extern __shared__ float values[];
  values[threadIdx.x] = 2;
  if (threadIdx.x == 0) values[63 + past] = 3;
  __syncthreads();
  out[threadIdx.x] = values[threadIdx.x];
}

__global__ void global_overflow_kernel(float* out, int n) {
  if ((int)threadIdx.x <= n) out[threadIdx.x] = 1;
}

__global__ void misaligned_vector_kernel(float* out) {
  const float4 four = *reinterpret_cast<const float4*>(out + 1);
  out[0] = four.x;
}

__global__ void divergent_barrier_kernel(float* out) {
  if (threadIdx.x < 32) {
    __syncthreads();
    out[threadIdx.x] = 1;
  } else {
    out[threadIdx.x] = 2;
    __syncthreads();
  }
}

__global__ void barrier_skipped_kernel(float* out) {
  if (threadIdx.x < 32 || threadIdx.x >= 48) __syncthreads();
  else __syncwarp();
  out[threadIdx.x] = 1;
}

__global__ void async_copy_without_wait_kernel(const float* in, float* out) {
  __shared__ float values[32];
  emulator::async_copy(&values[threadIdx.x], in + threadIdx.x, 4, 4);
  emulator::commit_async_copies();
  __syncwarp();
  out[threadIdx.x] = values[threadIdx.x];
}

__global__ void shuffle_inactive_kernel(float* out) {
  if (threadIdx.x < 16) out[threadIdx.x] = __shfl_sync(0x0000ffffu, (float)threadIdx.x, 20);
}

__global__ void shuffle_exited_kernel(float* out) {
  if (threadIdx.x >= 16) return;
  __syncthreads();
  out[threadIdx.x] = __shfl_xor_sync(0xffffffffu, (float)threadIdx.x, 1);
}

__global__ void race_between_blocks_kernel(float* out) {
  if (threadIdx.x == 0) *out = blockIdx.x;
}

__global__ void unwritten_shared_kernel(float* out) {
  __shared__ float values[64];
  if (threadIdx.x < 32) values[threadIdx.x] = 1;
  __syncthreads();
  out[threadIdx.x] = values[threadIdx.x];
}

__global__ void mixed_warp_operations_kernel(float* out) {
  if (threadIdx.x < 16) out[threadIdx.x] = __shfl_xor_sync(0xffffffffu, 1.0f, 1);
  else out[threadIdx.x] = __any_sync(0xffffffffu, 1);
}

}  // namespace

void missing_barrier(float* out) { missing_barrier_kernel<<<1, 64>>>(out); }
void missing_syncwarp(float* out) { missing_syncwarp_kernel<<<1, 32>>>(out); }
void shared_overflow(float* out, int past) { shared_overflow_kernel<<<1, 64>>>(out, past); }
void dynamic_shared_overflow(float* out, int past) { dynamic_shared_overflow_kernel<<<1, 64, 64 * sizeof(float)>>>(out, past); }
void global_overflow(float* out, int n) { global_overflow_kernel<<<1, 128>>>(out, n); }
void misaligned_vector(float* out) { misaligned_vector_kernel<<<1, 1>>>(out); }
void divergent_barrier(float* out) { divergent_barrier_kernel<<<1, 64>>>(out); }
void barrier_skipped(float* out) { barrier_skipped_kernel<<<1, 64>>>(out); }
void async_copy_without_wait(const float* in, float* out) { async_copy_without_wait_kernel<<<1, 32>>>(in, out); }
void shuffle_inactive(float* out) { shuffle_inactive_kernel<<<1, 32>>>(out); }
void shuffle_exited(float* out) { shuffle_exited_kernel<<<1, 32>>>(out); }
void race_between_blocks(float* out) { race_between_blocks_kernel<<<8, 32>>>(out); }
void unwritten_shared(float* out) { unwritten_shared_kernel<<<1, 64>>>(out); }
void mixed_warp_operations(float* out) { mixed_warp_operations_kernel<<<1, 32>>>(out); }

}  // namespace planted
