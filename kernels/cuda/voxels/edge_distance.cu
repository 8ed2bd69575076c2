// A block has a point. Distances are in double, products and sums rounded one by one: the CPU's bits.
#include <cmath>

#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/voxels/edge_distance.hpp"
#include "kernels/cuda/voxels/voxel_grid.cuh"

namespace pleura::kernels::cuda {
namespace {

__device__ inline double sum_of_squares(double a, double b) { return __dadd_rn(__dmul_rn(a, a), __dmul_rn(b, b)); }

/// In blocks of voxel_threads.
__global__ void distances_from_edge_kernel(const std::uint8_t* mask, std::int64_t height, std::int64_t width,
                                           double mm_y, double mm_x, const EdgePoint* points, double* distances) {
  __shared__ double nearest[voxel_threads];
  const EdgePoint point = points[blockIdx.x];
  const std::uint8_t* slice = mask + point.slice * height * width;
  const auto outside = [&](std::int64_t y, std::int64_t x) {
    return y < 0 || y >= height || x < 0 || x >= width || slice[y * width + x] == 0;
  };
  double least = INFINITY;
  const std::int64_t columns = point.high[1] - point.low[1], pixels = (point.high[0] - point.low[0]) * columns;
  for (std::int64_t i = threadIdx.x; i < pixels; i += blockDim.x) {
    const std::int64_t y = point.low[0] + i / columns, x = point.low[1] + i % columns;
    if (outside(y, x)) continue;
    if (!outside(y - 1, x) && !outside(y + 1, x) && !outside(y, x - 1) && !outside(y, x + 1)) continue;
    const double square = sum_of_squares(__dmul_rn(static_cast<double>(y) - point.y, mm_y),
                                         __dmul_rn(static_cast<double>(x) - point.x, mm_x));
    least = square < least ? square : least;
  }
  nearest[threadIdx.x] = least;
  for (unsigned half = voxel_threads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half && nearest[threadIdx.x + half] < nearest[threadIdx.x])
      nearest[threadIdx.x] = nearest[threadIdx.x + half];
  }
  if (threadIdx.x != 0) return;
  const double tall = static_cast<double>(point.high[0] - point.low[0]) * mm_y,
               wide = static_cast<double>(columns) * mm_x;
  distances[blockIdx.x] = pixels > 0 ? sqrt(nearest[0]) / sqrt(sum_of_squares(tall, wide)) : 0;
}

}  // namespace

void distances_from_edge(const std::uint8_t* mask, const Index3& shape, const std::array<double, 2>& spacing_mm,
                         const EdgePoint* points, std::int64_t count, double* distances, cudaStream_t stream) {
  distances_from_edge_kernel<<<blocks_for(count, 1, "distances_from_edge_kernel"), voxel_threads, 0, stream>>>(
      mask, shape[1], shape[2], spacing_mm[0], spacing_mm[1], points, distances);
  check_launch("distances_from_edge_kernel");
}

}  // namespace pleura::kernels::cuda
