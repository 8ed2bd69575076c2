#include "kernels.hpp"

#include "cuda_fp16.h"
#include "emulated_ptx.h"
#include "tile.cuh"

namespace sample {

namespace {

template <int Tile>
__global__ void __launch_bounds__(Tile* Tile) multiply_kernel(const float* __restrict__ a, const float* __restrict__ b, float* c, int m,
                                                              int n, int k) {
  __shared__ float tile_a[Tile][Tile + 1], tile_b[Tile][Tile + 1];  // padded against bank conflicts
  const int row = blockIdx.y * Tile + threadIdx.y, column = blockIdx.x * Tile + threadIdx.x;
  float sum = 0;
  for (int start = 0; start < k; start += Tile) {
    const int ka = start + threadIdx.x, kb = start + threadIdx.y;
    tile_a[threadIdx.y][threadIdx.x] = row < m && ka < k ? a[row * k + ka] : 0.0f;
    tile_b[threadIdx.y][threadIdx.x] = kb < k && column < n ? b[kb * n + column] : 0.0f;
    __syncthreads();
    for (int i = 0; i < Tile; ++i) sum = fmaf(tile_a[threadIdx.y][i], tile_b[i][threadIdx.x], sum);
    __syncthreads();
  }
  if (row < m && column < n) c[row * n + column] = sum;
}

// One warp a 16 x 8 tile of c; two stages of 16 columns of a and b in shared memory.
__global__ void multiply_half_kernel(const half* a, const half* b, float* c, int n, int k) {
  __shared__ __align__(16) half tile_a[2][16][16];
  __shared__ __align__(16) half tile_b[2][8][16];
  const int row0 = blockIdx.y * 16, column0 = blockIdx.x * 8, lane = threadIdx.x;
  const auto fetch = [&](int stage, int start) {
    emulator::async_copy(&tile_a[stage][lane / 2][lane % 2 * 8], a + (row0 + lane / 2) * k + start + lane % 2 * 8, 16, 16);
    if (lane < 16)
      emulator::async_copy(&tile_b[stage][lane / 2][lane % 2 * 8], b + (column0 + lane / 2) * k + start + lane % 2 * 8, 16, 16);
    emulator::commit_async_copies();
  };
  float sum[4] = {};
  fetch(0, 0);
  for (int start = 0, stage = 0; start < k; start += 16, stage ^= 1) {
    if (start + 16 < k) fetch(stage ^ 1, start + 16);
    emulator::wait_async_copies(start + 16 < k ? 1 : 0);
    __syncthreads();
    unsigned fragment_a[4], fragment_b[2];
    emulator::ldmatrix(fragment_a, 4, false, &tile_a[stage][lane % 16][lane / 16 * 8]);
    emulator::ldmatrix(fragment_b, 2, false, &tile_b[stage][lane % 8][lane / 8 % 2 * 8]);
    emulator::mma_m16n8k16_f16(sum, fragment_a, fragment_b);
    __syncthreads();
  }
  for (int i = 0; i < 4; ++i) c[(row0 + lane / 4 + 8 * (i / 2)) * n + column0 + lane % 4 * 2 + i % 2] = sum[i];
}

__global__ void sum_kernel(const float* values, float* result, int n) {
  float mine = 0;
  for (int i = threadIdx.x; i < n; i += blockDim.x) mine += __ldg(values + i);
  const float total = block_total<8>(mine);
  if (threadIdx.x == 0) *result = total;
}

__global__ void axpy_kernel(float factor, const float* x, float* y, long long n) {
  const long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = fmaf(factor, x[i], y[i]);
}

__global__ void reverse_kernel(float* values) {
  extern __shared__ float run[];
  float* mine = values + (size_t)blockIdx.x * blockDim.x;
  run[threadIdx.x] = mine[threadIdx.x];
  __syncthreads();
  mine[threadIdx.x] = run[blockDim.x - 1 - threadIdx.x];
}

__global__ void histogram_kernel(const int* values, int n, int* counts) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) atomicAdd(&counts[values[i]], 1);
}

__global__ void dot4_kernel(const int* a, const int* b, int* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = __dp4a(a[i], b[i], 0);
}

unsigned blocks(long long n, int size) { return (unsigned)((n + size - 1) / size); }

}  // namespace

cudaError_t multiply(const float* a, const float* b, float* c, int m, int n, int k, cudaStream_t stream) {
  multiply_kernel<8><<<dim3(blocks(n, 8), blocks(m, 8)), dim3(8, 8), 0, stream>>>(a, b, c, m, n, k);
  return cudaGetLastError();
}

cudaError_t multiply_half(const void* a, const void* b, float* c, int m, int n, int k, cudaStream_t stream) {
  multiply_half_kernel<<<dim3(n / 8, m / 16), 32, 0, stream>>>(static_cast<const half*>(a), static_cast<const half*>(b), c, n, k);
  return cudaGetLastError();
}

cudaError_t sum(const float* values, float* result, int n, cudaStream_t stream) {
  sum_kernel<<<1, 256, 0, stream>>>(values, result, n);
  return cudaGetLastError();
}

cudaError_t axpy(float factor, const float* x, float* y, long long n, cudaStream_t stream) {
  axpy_kernel<<<blocks(n, 64), 64, 0, stream>>>(factor, x, y, n);
  return cudaGetLastError();
}

cudaError_t reverse_runs(float* values, int runs, int length, cudaStream_t stream) {
  reverse_kernel<<<runs, length, length * sizeof(float), stream>>>(values);
  return cudaGetLastError();
}

cudaError_t histogram(const int* values, int n, int* counts, cudaStream_t stream) {
  histogram_kernel<<<blocks(n, 64), 64, 0, stream>>>(values, n, counts);
  return cudaGetLastError();
}

cudaError_t dot4(const int* a, const int* b, int* out, int n, cudaStream_t stream) {
  dot4_kernel<<<blocks(n, 64), 64, 0, stream>>>(a, b, out, n);
  return cudaGetLastError();
}

}  // namespace sample
