// Along y, z, x in turn, as on the CPU: what is far from the box is never read.
#include <cmath>

#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/voxels/axis_taps.cuh"
#include "kernels/cuda/voxels/resample.hpp"
#include "kernels/cuda/voxels/voxel_grid.cuh"

namespace pleura::kernels::cuda {
namespace {

/// The weighted sum of in[0], in[stride], ...
template <class In>
__device__ inline float weigh(const AxisTaps& axis, std::int64_t sample, const In* in, std::int64_t stride) {
  return weigh(axis, sample, [&](std::int32_t k) { return static_cast<float>(in[k * stride]); });
}

/// (depth, height, width) of HU to (z span, new height, x span).
__global__ void resample_y_kernel(const std::int16_t* hu, std::int64_t height, std::int64_t width, float* tall,
                                  const AxisTaps along_z, const AxisTaps along_y, const AxisTaps along_x) {
  const std::int64_t index = global_thread(), columns = along_x.high - along_x.low;
  if (index >= (along_z.high - along_z.low) * along_y.count * columns) return;
  const std::int64_t x = index % columns + along_x.low, y = index / columns % along_y.count;
  const std::int64_t z = index / columns / along_y.count + along_z.low;
  tall[index] = weigh(along_y, y, hu + (z * height + along_y.begin[y]) * width + x, width);
}

/// To (new depth, new height, x span).
__global__ void resample_z_kernel(const float* tall, float* deep, std::int64_t plane, const AxisTaps along_z) {
  const std::int64_t index = global_thread();
  if (index >= along_z.count * plane) return;
  const std::int64_t z = index / plane;
  deep[index] = weigh(along_z, z, tall + (along_z.begin[z] - along_z.low) * plane + index % plane, plane);
}

/// To whole HU of the new shape.
__global__ void resample_x_kernel(const float* deep, std::int16_t* out, std::int16_t outside, const AxisTaps along_z,
                                  const AxisTaps along_y, const AxisTaps along_x) {
  const std::int64_t index = global_thread();
  if (index >= along_z.count * along_y.count * along_x.count) return;
  const std::int64_t x = index % along_x.count, row = index / along_x.count;
  const bool inside =
      along_x.taps[x] > 0 && along_y.taps[row % along_y.count] > 0 && along_z.taps[row / along_y.count] > 0;
  const float* in = deep + row * (along_x.high - along_x.low) + along_x.begin[x] - along_x.low;
  out[index] = inside ? static_cast<std::int16_t>(lroundf(weigh(along_x, x, in, 1))) : outside;
}

}  // namespace

ResampleTable upload_table(runtime::Device& device, const Resample& operation, const Index3& shape) {
  ResampleTable table;
  for (std::size_t axis = 0; axis < 3; ++axis)
    table[axis] = upload_taps(device, make_taps(operation.axes[axis], shape[axis]), shape[axis]);
  return table;
}

std::int64_t resample_workspace_bytes(const ResampleTable& table) {
  const auto& [along_z, along_y, along_x] = table;
  const std::int64_t plane = along_y.count * (along_x.high - along_x.low);
  return (along_z.high - along_z.low + along_z.count) * plane * static_cast<std::int64_t>(sizeof(float));
}

void resample(const std::int16_t* hu, std::int16_t* out, const Index3& shape, const ResampleTable& table,
              std::int16_t outside, float* workspace, cudaStream_t stream) {
  const auto& [along_z, along_y, along_x] = table;
  const std::int64_t plane = along_y.count * (along_x.high - along_x.low);
  const std::int64_t tall_size = (along_z.high - along_z.low) * plane;
  float* deep = workspace + tall_size;
  if (tall_size > 0) {
    resample_y_kernel<<<blocks_for(tall_size, voxel_threads, "resample_y_kernel"), voxel_threads, 0, stream>>>(
        hu, shape[1], shape[2], workspace, along_z, along_y, along_x);
    check_launch("resample_y_kernel");
    resample_z_kernel<<<blocks_for(along_z.count * plane, voxel_threads, "resample_z_kernel"), voxel_threads, 0,
                        stream>>>(workspace, deep, plane, along_z);
    check_launch("resample_z_kernel");
  }
  const std::int64_t voxels = along_z.count * along_y.count * along_x.count;
  resample_x_kernel<<<blocks_for(voxels, voxel_threads, "resample_x_kernel"), voxel_threads, 0, stream>>>(
      deep, out, outside, along_z, along_y, along_x);
  check_launch("resample_x_kernel");
}

}  // namespace pleura::kernels::cuda
