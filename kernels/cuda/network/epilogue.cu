// Bound by memory: a thread has 16 bytes of a voxel's channels, and neighbours go along the channels.
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/network/epilogue.cuh"
#include "kernels/cuda/network/epilogue.hpp"
#include "runtime/round_up.hpp"

namespace pleura::kernels::cuda {
namespace {

template <class Element>
constexpr int lane_channels = 16 / static_cast<int>(sizeof(Element));

template <class Element>
__global__ void epilogue_kernel(OutputArguments output, std::int64_t voxels, int lanes) {
  constexpr int size = lane_channels<Element>;
  const std::int64_t index = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  const std::int64_t voxel = index / lanes;
  if (voxel >= voxels) return;
  const int channel = static_cast<int>(index % lanes) * size;
  const Element* const sums = static_cast<const Element*>(output.data) + voxel * output.pitch + channel;
  float values[size] = {};
  if (output.vectors)
    load(sums, values);
  else
    for (int i = 0; i < size && channel + i < output.channels; ++i) values[i] = to_float(sums[i]);
  write_outputs<Element>(output, values, voxel, channel);
}

template <class Element>
void launch(const Lowered& operation, const ConvolutionOperands<Element>& operands, cudaStream_t stream) {
  constexpr int threads = 256, size = lane_channels<Element>;
  const std::int64_t voxels = operation.output.shape.voxels();
  const std::int64_t lanes = runtime::divide_up(operation.output.shape.c, size);
  epilogue_kernel<Element><<<blocks_for(voxels * lanes, threads, "epilogue_kernel"), threads, 0, stream>>>(
      output_of(operation, operands, size), voxels, static_cast<int>(lanes));
  check_launch("epilogue_kernel");
}

}  // namespace

void finish_outputs(const Lowered& operation, const ConvolutionOperands<float>& operands, cudaStream_t stream) {
  launch(operation, operands, stream);
}

void finish_outputs(const Lowered& operation, const ConvolutionOperands<__half>& operands, cudaStream_t stream) {
  launch(operation, operands, stream);
}

}  // namespace pleura::kernels::cuda
