// Loops that do nothing but what they measure: independent chains of FMAs or matrix products, a triad.
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/network/peaks.hpp"
#include "kernels/cuda/network/tensor_core.cuh"

namespace pleura::kernels::cuda {
namespace {

constexpr int chains = 8;      // of a thread: with the other warps of a block they hide an FMA's latency
constexpr int mma_chains = 4;  // and that of a matrix product

/// What the compiler does not know: else it would reckon the result.
struct Unknown {
  float factor = 0.999f, term = 1e-4f;
};

__global__ void fma_loop(float* sums, int rounds, Unknown unknown) {
  float a[chains];
  for (int i = 0; i < chains; ++i) a[i] = static_cast<float>(threadIdx.x + i);
  for (int round = 0; round < rounds; ++round)
#pragma unroll
    for (int i = 0; i < chains; ++i) a[i] = fmaf(a[i], unknown.factor, unknown.term);
  for (int i = 1; i < chains; ++i) a[0] += a[i];
  sums[static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x] = a[0];
}

template <TensorCores cores>
__global__ void mma_loop(float* sums, int rounds) {
  if constexpr (compiled_for<cores>()) {
    float d[mma_chains][4] = {};
    constexpr std::uint32_t ones = 0x3c003c00u;  // two halves
    const std::uint32_t a[4] = {ones, ones, ones, ones}, b[2] = {ones, ones};
    for (int round = 0; round < rounds; ++round)
#pragma unroll
      for (int i = 0; i < mma_chains; ++i) multiply_accumulate<cores>(d[i], a, b);
    for (int i = 1; i < mma_chains; ++i) d[0][0] += d[i][0];
    sums[static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x] = d[0][0];
  }
}

__global__ void triad(float4* y, const float4* x, std::int64_t count, Unknown unknown) {
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= count) return;
  const float4 from = x[i];
  float4 to = y[i];
  to.x += unknown.factor * from.x;
  to.y += unknown.factor * from.y;
  to.z += unknown.factor * from.z;
  to.w += unknown.factor * from.w;
  y[i] = to;
}

}  // namespace

double run_fma_loop(float* sums, int blocks, int rounds, cudaStream_t stream) {
  fma_loop<<<blocks, peak_threads, 0, stream>>>(sums, rounds, Unknown{});
  check_launch("fma_loop");
  return 2.0 * chains * peak_threads * blocks * rounds;
}

double run_mma_loop(TensorCores cores, float* sums, int blocks, int rounds, cudaStream_t stream) {
  if (cores == TensorCores::ampere)
    mma_loop<TensorCores::ampere><<<blocks, peak_threads, 0, stream>>>(sums, rounds);
  else
    mma_loop<TensorCores::turing><<<blocks, peak_threads, 0, stream>>>(sums, rounds);
  check_launch("mma_loop");
  constexpr double flops = 2.0 * 16 * 8 * 16;  // of one product of a warp
  return flops * mma_chains * (peak_threads / 32) * blocks * rounds;
}

double run_triad(float* y, const float* x, std::int64_t count, cudaStream_t stream) {
  const std::int64_t vectors = count / 4;
  triad<<<blocks_for(vectors, peak_threads, "triad"), peak_threads, 0, stream>>>(
      reinterpret_cast<float4*>(y), reinterpret_cast<const float4*>(x), vectors, Unknown{});
  check_launch("triad");
  return 12.0 * static_cast<double>(count);
}

}  // namespace pleura::kernels::cuda
