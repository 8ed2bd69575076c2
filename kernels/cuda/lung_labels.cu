// A block has a slice, or a point. Distances are in double, products and sums rounded one by one: the CPU's bits.
#include <cmath>

#include "kernels/cuda/element.cuh"
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/lung_labels.hpp"
#include "kernels/cuda/voxel_grid.cuh"

namespace pleura::kernels::cuda {
namespace {

__global__ void label_lungs_kernel(const std::uint64_t* left, const std::uint64_t* right, std::uint8_t* mask,
                                   const BitGrid grid) {
  const std::int64_t voxel = global_thread();
  if (voxel >= grid.depth * grid.height * grid.width) return;
  const std::int64_t x = voxel % grid.width, word = voxel / grid.width * grid.row_words + x / 64;
  const bool is_left = (left[word] >> (x % 64) & 1) != 0, is_right = (right[word] >> (x % 64) & 1) != 0;
  mask[voxel] = is_right ? 2 : is_left ? 1 : 0;
}

__global__ void measure_slices_kernel(const std::uint64_t* left, const std::uint64_t* right, SliceFigures* slices,
                                      const BitGrid grid) {
  __shared__ int low[2], high[2], voxels[2];
  if (threadIdx.x < 2) {
    low[threadIdx.x] = INT32_MAX;
    high[threadIdx.x] = voxels[threadIdx.x] = 0;
  }
  __syncthreads();
  SliceFigures own{{INT32_MAX, INT32_MAX}, {0, 0}, 0, 0};
  const std::int64_t words = grid.height * grid.row_words, first = blockIdx.x * words;
  for (std::int64_t i = threadIdx.x; i < words; i += blockDim.x) {
    const std::uint64_t either = left[first + i] | right[first + i];
    if (either == 0) continue;
    const auto y = static_cast<int>(i / grid.row_words), x = static_cast<int>(i % grid.row_words * 64);
    own.low[0] = min(own.low[0], y);
    own.high[0] = max(own.high[0], y + 1);
    own.low[1] = min(own.low[1], x + lowest_one(either));
    own.high[1] = max(own.high[1], x + highest_one(either) + 1);
    own.left += ones(left[first + i]);
    own.right += ones(right[first + i]);
  }
  if (own.high[0] > 0) {
#pragma unroll
    for (int axis = 0; axis < 2; ++axis) {
      atomicMin(low + axis, own.low[axis]);
      atomicMax(high + axis, own.high[axis]);
    }
    atomicAdd(voxels, own.left);
    atomicAdd(voxels + 1, own.right);
  }
  __syncthreads();
  if (threadIdx.x != 0) return;
  if (high[0] == 0) low[0] = low[1] = 0;
  slices[blockIdx.x] = {{low[0], low[1]}, {high[0], high[1]}, voxels[0], voxels[1]};
}

__device__ inline double sum_of_squares(double a, double b) { return __dadd_rn(__dmul_rn(a, a), __dmul_rn(b, b)); }

/// In blocks of voxel_threads.
template <class Element>
__global__ void distances_from_edge_kernel(const std::uint8_t* mask, const SliceFigures* slices, std::int64_t depth,
                                           std::int64_t height, std::int64_t width, double mm_y, double mm_x,
                                           const SlicePoint* points, const NetworkDistance how, double* distances,
                                           Element* network, std::int64_t pitch) {
  __shared__ double nearest[voxel_threads];
  const SlicePoint point = points[blockIdx.x];
  SliceFigures box;
  if (point.slice >= 0 && point.slice < depth) box = slices[point.slice];
  const std::uint8_t* slice = mask + point.slice * height * width;
  const auto outside = [&](std::int64_t y, std::int64_t x) {
    return y < 0 || y >= height || x < 0 || x >= width || slice[y * width + x] == 0;
  };
  double least = INFINITY;
  const std::int64_t columns = box.high[1] - box.low[1], pixels = (box.high[0] - box.low[0]) * columns;
  for (std::int64_t i = threadIdx.x; i < pixels; i += blockDim.x) {
    const std::int64_t y = box.low[0] + i / columns, x = box.low[1] + i % columns;
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
  const double tall = static_cast<double>(box.high[0] - box.low[0]) * mm_y, wide = static_cast<double>(columns) * mm_x;
  const double distance = pixels > 0 ? sqrt(nearest[0]) / sqrt(sum_of_squares(tall, wide)) : 0;
  distances[blockIdx.x] = distance;
  network[blockIdx.x * pitch] = from_float<Element>(static_cast<float>((distance - how.shift) * how.scale));
}

template <class Element>
void launch(const std::uint8_t* mask, const SliceFigures* slices, const std::array<std::int64_t, 3>& shape,
            const std::array<double, 2>& spacing_mm, const SlicePoint* points, std::int64_t count,
            const NetworkDistance& how, double* distances, Element* network, std::int64_t pitch, cudaStream_t stream) {
  distances_from_edge_kernel<Element><<<blocks_for(count, 1, "distances_from_edge_kernel"), voxel_threads, 0, stream>>>(
      mask, slices, shape[0], shape[1], shape[2], spacing_mm[0], spacing_mm[1], points, how, distances, network, pitch);
  check_launch("distances_from_edge_kernel");
}

}  // namespace

void label_lungs(const std::uint64_t* left, const std::uint64_t* right, std::uint8_t* mask, SliceFigures* slices,
                 const std::array<std::int64_t, 3>& shape, cudaStream_t stream) {
  const BitGrid grid(shape);
  const std::int64_t voxels = grid.rows() * grid.width;
  label_lungs_kernel<<<blocks_for(voxels, voxel_threads, "label_lungs_kernel"), voxel_threads, 0, stream>>>(left, right,
                                                                                                            mask, grid);
  check_launch("label_lungs_kernel");
  measure_slices_kernel<<<blocks_for(grid.depth, 1, "measure_slices_kernel"), voxel_threads, 0, stream>>>(left, right,
                                                                                                          slices, grid);
  check_launch("measure_slices_kernel");
}

void distances_from_edge(const std::uint8_t* mask, const SliceFigures* slices, const std::array<std::int64_t, 3>& shape,
                         const std::array<double, 2>& spacing_mm, const SlicePoint* points, std::int64_t count,
                         const NetworkDistance& how, double* distances, float* network, std::int64_t pitch,
                         cudaStream_t stream) {
  launch(mask, slices, shape, spacing_mm, points, count, how, distances, network, pitch, stream);
}

void distances_from_edge(const std::uint8_t* mask, const SliceFigures* slices, const std::array<std::int64_t, 3>& shape,
                         const std::array<double, 2>& spacing_mm, const SlicePoint* points, std::int64_t count,
                         const NetworkDistance& how, double* distances, __half* network, std::int64_t pitch,
                         cudaStream_t stream) {
  launch(mask, slices, shape, spacing_mm, points, count, how, distances, network, pitch, stream);
}

}  // namespace pleura::kernels::cuda
