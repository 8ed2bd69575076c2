// Bound by memory: lanes go along the channels, then along the voxels, so that neighbours touch neighbouring bytes
// without a division.
#include "kernels/cuda/element.cuh"
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/network/conversion.hpp"
#include "pleura/error.hpp"
#include "runtime/cuda/stream.hpp"

namespace pleura::kernels::cuda {
namespace {

template <class In, class Out>
__global__ void convert_kernel(const In* input, std::int64_t input_pitch, Out* output, std::int64_t output_pitch,
                               std::int64_t voxels, int channels) {
  const std::int64_t voxel = static_cast<std::int64_t>(blockIdx.x) * blockDim.y + threadIdx.y;
  if (voxel >= voxels) return;
  for (int c = static_cast<int>(threadIdx.x); c < channels; c += static_cast<int>(blockDim.x))
    output[voxel * output_pitch + c] = from_float<Out>(to_float(input[voxel * input_pitch + c]));
}

}  // namespace

template <class In, class Out>
void convert(const In* input, Out* output, const Conversion& operation, cudaStream_t stream) {
  constexpr unsigned threads = 256;
  const auto channels = static_cast<int>(operation.input.shape.c);
  unsigned lanes = 1;
  while (lanes < 32 && static_cast<int>(lanes) < channels) lanes *= 2;
  const dim3 block(lanes, threads / lanes);
  const std::int64_t voxels = operation.input.shape.voxels();
  convert_kernel<In, Out><<<blocks_for(voxels, block.y, "convert_kernel"), block, 0, stream>>>(
      input, operation.input.pitch, output, operation.output.pitch, voxels, channels);
  check_launch("convert_kernel");
}

template void convert(const float*, float*, const Conversion&, cudaStream_t);
template void convert(const float*, __half*, const Conversion&, cudaStream_t);
template void convert(const __half*, float*, const Conversion&, cudaStream_t);

void convert(const void* input, void* output, const Conversion& operation, const runtime::Stream& stream) {
  using runtime::DType;
  const cudaStream_t queue = runtime::cuda::queue_of(stream);
  const DType from = operation.input.dtype, to = operation.output.dtype;
  if (from == DType::f32 && to == DType::f32)
    convert(static_cast<const float*>(input), static_cast<float*>(output), operation, queue);
  else if (from == DType::f32 && to == DType::f16)
    convert(static_cast<const float*>(input), static_cast<__half*>(output), operation, queue);
  else if (from == DType::f16 && to == DType::f32)
    convert(static_cast<const __half*>(input), static_cast<float*>(output), operation, queue);
  else
    throw Error(Status::internal, to_string(operation) + ": expected f32 or f16, one of them f32");
}

}  // namespace pleura::kernels::cuda
