// Bound by the memory of the logits: a warp makes a word of the foreground; then a thread has a row's runs, as with
// components, and one block sorts what they make.
#include <cmath>
#include <string>

#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/regions/best_keys.cuh"
#include "kernels/cuda/regions/mask_head.hpp"
#include "kernels/cuda/voxels/components.cuh"
#include "pleura/error.hpp"

namespace pleura::kernels::cuda {
namespace {

/// Foreground less background. Exact.
__device__ inline double logit_at(const float* values, std::int64_t pitch, std::int64_t voxel) {
  const float* logits = values + voxel * pitch;
  return static_cast<double>(logits[1]) - static_cast<double>(logits[0]);
}

__global__ void find_foreground_kernel(const float* values, std::int64_t pitch, const BitGrid grid,
                                       const std::uint8_t* lungs, double lowest_logit, std::uint64_t* bits,
                                       CubeCounts* counts) {
  int wrong = 0;
  write_word(bits, grid, [&](std::int64_t voxel) {
    const double logit = logit_at(values, pitch, voxel);
    wrong += fabs(logit) < INFINITY ? 0 : 1;
    return lungs[voxel] != 0 && logit >= lowest_logit;
  });
  wrong = sum_of_lanes(wrong);
  if (threadIdx.x % 32 == 0 && wrong != 0) atomicAdd(&counts->not_finite, wrong);
}

__global__ void sum_foreground_kernel(const float* values, std::int64_t pitch, const BitGrid grid,
                                      const ComponentBuffers c, unsigned long long* sums) {
  const std::int64_t row = global_thread();
  if (row >= grid.depth * grid.height) return;
  for (std::int32_t i = c.first_of_row[row]; i < c.first_of_row[row + 1]; ++i) {
    unsigned long long sum = 0;
    for (std::int64_t x = c.runs[i].begin; x < c.runs[i].end; ++x) {
      const double probability = 1 / (1 + exp(-logit_at(values, pitch, row * grid.width + x)));
      sum += static_cast<unsigned long long>(floor(probability * static_cast<double>(probability_one) + 0.5));
    }
    atomicAdd(sums + c.runs[i].component, sum);
  }
}

/// MaskDecoding as kernels take it.
struct CubeArguments {
  std::int64_t rows;
  double spacing_mm[3];
  unsigned long long least_voxels;
  std::int32_t most;
};

/// In one block of select_threads.
__global__ void select_cubes_kernel(const ComponentBuffers c, const unsigned long long* sums, const CubeArguments how,
                                    Cube* cubes, CubeCounts* counts, Key* keys) {
  __shared__ BestKeys shared;
  __shared__ std::int32_t found;
  if (threadIdx.x == 0) found = 0;
  __syncthreads();
  const std::int32_t count = c.roots_of_row[how.rows], step = static_cast<std::int32_t>(blockDim.x);
  for (auto i = static_cast<std::int32_t>(threadIdx.x); i < count; i += step) {
    const bool is_large = c.list[i].voxels >= how.least_voxels;
    const Key missing = static_cast<Key>(probability_one) - sums[i] / c.list[i].voxels;
    keys[i] = is_large ? missing << 32 | static_cast<Key>(i) : no_key;
    if (is_large) atomicAdd(&found, 1);
  }
  __syncthreads();
  const std::int32_t kept = min(found, how.most);
  take_best(keys, count, kept, shared);
  for (auto i = static_cast<std::int32_t>(threadIdx.x); i < kept; i += step) {
    const auto number = static_cast<std::int32_t>(shared.best[i] & 0xffffffffU);
    const ComponentFigures& part = c.list[number];
    Cube cube;
#pragma unroll
    for (int axis = 0; axis < 3; ++axis) {
      cube.centre[axis] = product((part.low[axis] + part.high[axis] - 1) / 2.0, how.spacing_mm[axis]);
      cube.side = fmax(cube.side, product(part.high[axis] - part.low[axis], how.spacing_mm[axis]));
    }
    const double probability =
        static_cast<double>(sums[number] / part.voxels) / static_cast<double>(probability_one);  // exact
    cube.logit = log(probability / (1 - probability));
    cubes[i] = cube;
  }
  if (threadIdx.x != 0) return;
  counts->kept = kept;
  counts->dropped = found - kept;
}

}  // namespace

void find_foreground(const MaskLogits& logits, const std::uint8_t* lungs, double lowest_logit, std::uint64_t* bits,
                     CubeCounts* counts, cudaStream_t stream) {
  const BitGrid grid(logits.shape);
  check(cudaMemsetAsync(counts, 0, sizeof *counts, stream), "cudaMemsetAsync of a count");
  const unsigned blocks = blocks_for(grid.words() * 32, voxel_threads, "find_foreground_kernel");
  find_foreground_kernel<<<blocks, voxel_threads, 0, stream>>>(logits.values, logits.pitch, grid, lungs, lowest_logit,
                                                               bits, counts);
  check_launch("find_foreground_kernel");
}

void sum_foreground(const MaskLogits& logits, const ComponentBuffers& components, unsigned long long* sums,
                    cudaStream_t stream) {
  const BitGrid grid(logits.shape);
  check(cudaMemsetAsync(sums, 0, static_cast<std::size_t>(components.run_count) * sizeof *sums, stream),
        "cudaMemsetAsync of the components' sums");
  const unsigned blocks = blocks_for(grid.rows(), voxel_threads, "sum_foreground_kernel");
  sum_foreground_kernel<<<blocks, voxel_threads, 0, stream>>>(logits.values, logits.pitch, grid, components, sums);
  check_launch("sum_foreground_kernel");
}

void select_cubes(const ComponentBuffers& components, const std::array<std::int64_t, 3>& shape,
                  const unsigned long long* sums, const MaskDecoding& how, Cube* cubes, CubeCounts* counts,
                  unsigned long long* keys, cudaStream_t stream) {
  if (how.most < 1 || how.most > most_proposals)
    throw Error(Status::internal, "select_cubes: " + std::to_string(how.most) + " cubes, expected 1 to " +
                                      std::to_string(most_proposals));
  const CubeArguments arguments{BitGrid(shape).rows(),
                                {how.spacing_mm[0], how.spacing_mm[1], how.spacing_mm[2]},
                                static_cast<unsigned long long>(how.least_voxels),
                                static_cast<std::int32_t>(how.most)};
  select_cubes_kernel<<<1, select_threads, 0, stream>>>(components, sums, arguments, cubes, counts, keys);
  check_launch("select_cubes_kernel");
}

}  // namespace pleura::kernels::cuda
