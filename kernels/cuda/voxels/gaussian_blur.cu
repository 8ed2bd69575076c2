// Bound by memory: a thread makes a voxel, its neighbours along x the next ones; what they read again comes from the
// caches.
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>

#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/voxels/gaussian_blur.hpp"
#include "kernels/cuda/voxels/voxel_grid.cuh"
#include "pleura/error.hpp"

namespace pleura::kernels::cuda {
namespace {

struct BlurPass {
  std::int64_t voxels;
  int size, stride;  ///< voxels along the axis, and how far apart they lie
  int radius, shift, low, high;
  std::int16_t weights[128];
};

/// Along one axis: clamps to [low, high], weighs, rounds half up after a shift right.
__global__ void blur_kernel(const std::int16_t* in, std::int16_t* out, const BlurPass p) {
  const std::int64_t voxel = global_thread();
  if (voxel >= p.voxels) return;
  const int position = static_cast<int>(voxel / p.stride % p.size);
  const std::int16_t* line = in + voxel - static_cast<std::int64_t>(position) * p.stride;
  const auto value = [&](int i) {
    const int inside = max(0, min(i, p.size - 1));
    return max(p.low, min(static_cast<int>(line[static_cast<std::int64_t>(inside) * p.stride]), p.high));
  };
  int sum = value(position) * p.weights[0] + (1 << p.shift >> 1);
  for (int k = 1; k <= p.radius; ++k) sum += (value(position - k) + value(position + k)) * p.weights[k];
  out[voxel] = static_cast<std::int16_t>(sum >> p.shift);
}

void launch(const std::int16_t* in, std::int16_t* out, BlurPass pass, const BlurWeights& weights, cudaStream_t stream) {
  if (weights.size() > std::size(pass.weights))
    throw Error(Status::internal,
                "blur: a kernel of " + std::to_string(weights.size()) + " weights, expected at most 128");
  pass.radius = static_cast<int>(weights.size()) - 1;
  std::copy(weights.begin(), weights.end(), pass.weights);
  blur_kernel<<<blocks_for(pass.voxels, voxel_threads, "blur_kernel"), voxel_threads, 0, stream>>>(in, out, pass);
  check_launch("blur_kernel");
}

}  // namespace

void blur(const std::int16_t* hu, std::int16_t* out, std::int16_t* workspace, const std::array<std::int64_t, 3>& shape,
          const GaussianBlur& operation, cudaStream_t stream) {
  const std::int64_t voxels = shape[0] * shape[1] * shape[2];
  const int height = static_cast<int>(shape[1]), width = static_cast<int>(shape[2]);
  launch(hu, workspace, {voxels, height, width, 0, weight_bits - guard_bits, operation.low, operation.high, {}},
         operation.along_y, stream);
  launch(workspace, out, {voxels, width, 1, 0, weight_bits + guard_bits, INT16_MIN, INT16_MAX, {}}, operation.along_x,
         stream);
}

}  // namespace pleura::kernels::cuda
