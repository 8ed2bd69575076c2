#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/mask_sampling.hpp"
#include "kernels/cuda/voxel_grid.cuh"

namespace pleura::kernels::cuda {
namespace {

/// Of one axis: its new samples, and the size of the old ones.
struct MaskAxis {
  std::int64_t first, step, count, unit, size;
};

/// The old sample nearest new one k, or -1.
__device__ inline std::int64_t nearest(const MaskAxis& axis, std::int64_t k) {
  const std::int64_t halves = 2 * (axis.first + k * axis.step) + axis.unit;
  const std::int64_t index = halves < 0 ? -1 : halves / (2 * axis.unit);
  return index < axis.size ? index : -1;
}

__global__ void sample_mask_kernel(const std::uint8_t* mask, std::uint8_t* out, const MaskAxis along_z,
                                   const MaskAxis along_y, const MaskAxis along_x) {
  const std::int64_t index = global_thread();
  if (index >= along_z.count * along_y.count * along_x.count) return;
  const std::int64_t z = nearest(along_z, index / along_x.count / along_y.count),
                     y = nearest(along_y, index / along_x.count % along_y.count),
                     x = nearest(along_x, index % along_x.count);
  out[index] = z < 0 || y < 0 || x < 0 ? 0 : mask[(z * along_y.size + y) * along_x.size + x];
}

}  // namespace

void sample_mask(const std::uint8_t* mask, std::uint8_t* out, const Index3& shape,
                 const std::array<ResampleAxis, 3>& axes, cudaStream_t stream) {
  const auto along = [&](std::size_t axis) {
    return MaskAxis{axes[axis].first, axes[axis].step, axes[axis].count, axes[axis].unit, shape[axis]};
  };
  const std::int64_t voxels = axes[0].count * axes[1].count * axes[2].count;
  sample_mask_kernel<<<blocks_for(voxels, voxel_threads, "sample_mask_kernel"), voxel_threads, 0, stream>>>(
      mask, out, along(0), along(1), along(2));
  check_launch("sample_mask_kernel");
}

}  // namespace pleura::kernels::cuda
