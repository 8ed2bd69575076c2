// Bound by memory, with two or three channels a voxel: a thread has a voxel, and reads it again from the cache rather
// than keeping it in registers, so that any number of channels will do.
#include <cmath>

#include "kernels/cuda/element.cuh"
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/network/softmax.hpp"

namespace pleura::kernels::cuda {
namespace {

template <class In>
__global__ void softmax_kernel(const In* input, std::int64_t input_pitch, float* output, std::int64_t output_pitch,
                               std::int64_t voxels, int channels) {
  const std::int64_t voxel = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (voxel >= voxels) return;
  input += voxel * input_pitch;
  output += voxel * output_pitch;
  float largest = to_float(input[0]);
  for (int c = 1; c < channels; ++c) largest = fmaxf(largest, to_float(input[c]));
  float sum = 0;
  for (int c = 0; c < channels; ++c) sum += expf(to_float(input[c]) - largest);
  for (int c = 0; c < channels; ++c) output[c] = expf(to_float(input[c]) - largest) / sum;
}

}  // namespace

template <class In>
void softmax(const In* input, float* output, const Softmax& operation, cudaStream_t stream) {
  constexpr unsigned threads = 256;
  const std::int64_t voxels = operation.input.shape.voxels();
  softmax_kernel<In><<<blocks_for(voxels, threads, "softmax_kernel"), threads, 0, stream>>>(
      input, operation.input.pitch, output, operation.output.pitch, voxels, static_cast<int>(operation.input.shape.c));
  check_launch("softmax_kernel");
}

template void softmax(const float*, float*, const Softmax&, cudaStream_t);
template void softmax(const __half*, float*, const Softmax&, cudaStream_t);

}  // namespace pleura::kernels::cuda
