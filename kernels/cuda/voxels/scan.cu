#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/voxels/scan.hpp"
#include "kernels/cuda/voxels/voxel_grid.cuh"

namespace pleura::kernels::cuda {
namespace {

/// In one block of voxel_threads, each with a stretch of the values.
__global__ void scan_kernel(std::int32_t* values, std::int64_t count) {
  __shared__ std::int32_t sums[voxel_threads];
  const std::int64_t stretch = (count + blockDim.x - 1) / blockDim.x;
  const std::int64_t begin = stretch * threadIdx.x;
  const std::int64_t end = begin + stretch < count ? begin + stretch : count;
  std::int32_t sum = 0;
  for (std::int64_t i = begin; i < end; ++i) sum += values[i];
  sums[threadIdx.x] = sum;
  for (unsigned step = 1; step < blockDim.x; step *= 2) {
    __syncthreads();
    const std::int32_t before = threadIdx.x >= step ? sums[threadIdx.x - step] : 0;
    __syncthreads();
    sums[threadIdx.x] += before;
  }
  __syncthreads();
  std::int32_t before = sums[threadIdx.x] - sum;
  if (threadIdx.x == blockDim.x - 1) values[count] = sums[threadIdx.x];
  for (std::int64_t i = begin; i < end; ++i) {
    const std::int32_t value = values[i];
    values[i] = before;
    before += value;
  }
}

}  // namespace

void scan(std::int32_t* values, std::int64_t count, cudaStream_t stream) {
  scan_kernel<<<1, voxel_threads, 0, stream>>>(values, count);
  check_launch("scan_kernel");
}

}  // namespace pleura::kernels::cuda
