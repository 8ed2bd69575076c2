#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/voxels/lung_labels.hpp"
#include "kernels/cuda/voxels/voxel_grid.cuh"

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

}  // namespace

void label_lungs(const std::uint64_t* left, const std::uint64_t* right, std::uint8_t* mask,
                 const std::array<std::int64_t, 3>& shape, cudaStream_t stream) {
  const BitGrid grid(shape);
  const std::int64_t voxels = grid.rows() * grid.width;
  label_lungs_kernel<<<blocks_for(voxels, voxel_threads, "label_lungs_kernel"), voxel_threads, 0, stream>>>(left, right,
                                                                                                            mask, grid);
  check_launch("label_lungs_kernel");
}

}  // namespace pleura::kernels::cuda
