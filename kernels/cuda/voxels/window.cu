#include "kernels/cuda/element.cuh"
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/voxels/voxel_grid.cuh"
#include "kernels/cuda/voxels/window.hpp"
#include "kernels/window.hpp"

namespace pleura::kernels::cuda {
namespace {

template <class Element>
__global__ void window_kernel(const std::int16_t* hu, Element* out, std::int64_t voxels, double low, double high) {
  const std::int64_t voxel = global_thread();
  if (voxel >= voxels) return;
  out[voxel] = from_float<Element>(apply_window(hu[voxel], low, high));
}

template <class Element>
void launch(const std::int16_t* hu, Element* out, std::int64_t voxels, const std::array<double, 2>& limits,
            cudaStream_t stream) {
  window_kernel<Element><<<blocks_for(voxels, voxel_threads, "window_kernel"), voxel_threads, 0, stream>>>(
      hu, out, voxels, limits[0], limits[1]);
  check_launch("window_kernel");
}

}  // namespace

void window(const std::int16_t* hu, float* out, std::int64_t voxels, const std::array<double, 2>& window,
            cudaStream_t stream) {
  launch(hu, out, voxels, window, stream);
}

void window(const std::int16_t* hu, __half* out, std::int64_t voxels, const std::array<double, 2>& window,
            cudaStream_t stream) {
  launch(hu, out, voxels, window, stream);
}

}  // namespace pleura::kernels::cuda
