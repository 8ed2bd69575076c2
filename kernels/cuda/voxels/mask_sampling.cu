#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/voxels/mask_sampling.hpp"
#include "kernels/cuda/voxels/voxel_grid.cuh"

namespace pleura::kernels::cuda {
namespace {

struct OldShape {
  std::int64_t depth, height, width;
};

__global__ void sample_mask_kernel(const std::uint8_t* mask, std::uint8_t* out, const OldShape old,
                                   const ResampleAxis along_z, const ResampleAxis along_y, const ResampleAxis along_x) {
  const std::int64_t index = global_thread();
  if (index >= along_z.count * along_y.count * along_x.count) return;
  const std::int64_t z = nearest_sample(along_z, index / along_x.count / along_y.count, old.depth),
                     y = nearest_sample(along_y, index / along_x.count % along_y.count, old.height),
                     x = nearest_sample(along_x, index % along_x.count, old.width);
  out[index] = z < 0 || y < 0 || x < 0 ? 0 : mask[(z * old.height + y) * old.width + x];
}

}  // namespace

void sample_mask(const std::uint8_t* mask, std::uint8_t* out, const Index3& shape,
                 const std::array<ResampleAxis, 3>& axes, cudaStream_t stream) {
  const std::int64_t voxels = axes[0].count * axes[1].count * axes[2].count;
  sample_mask_kernel<<<blocks_for(voxels, voxel_threads, "sample_mask_kernel"), voxel_threads, 0, stream>>>(
      mask, out, OldShape{shape[0], shape[1], shape[2]}, axes[0], axes[1], axes[2]);
  check_launch("sample_mask_kernel");
}

}  // namespace pleura::kernels::cuda
