#pragma once
/// kernels/epilogue.hpp on the device.
#include "kernels/cuda/element.cuh"
#include "kernels/cuda/network/convolution_arguments.hpp"

namespace pleura::kernels::cuda {

/// The first `count` values, with as many slopes.
template <int size>
__device__ __forceinline__ void activate(Activation activation, float (&values)[size], const float* slopes, int count) {
  switch (activation) {
    case Activation::none:
      return;
    case Activation::relu:
#pragma unroll
      for (float& x : values) x = x > 0 || x != x ? x : 0;
      return;
    case Activation::elu:
#pragma unroll
      for (float& x : values) x = x > 0 ? x : expm1f(x);
      return;
    case Activation::prelu:
#pragma unroll
      for (int i = 0; i < size; ++i)
        if (i < count && !(values[i] > 0)) values[i] *= slopes[i];
      return;
  }
}

/// Turns the sums of a voxel's channels [channel, channel + count) into outputs. Element: of the residuals. Sums beyond
/// count are left as they are. Where `vectors`, count is that of the array and all that is loaded is aligned to it.
template <class Element, int size>
__device__ __forceinline__ void finish(const EpilogueArguments& epilogue, float (&values)[size], std::int64_t voxel,
                                       int channel, int count, bool vectors) {
#pragma unroll
  for (int i = 0; i < size; ++i)
    if (i < count) values[i] += epilogue.weights.bias[channel + i];
#pragma unroll
  for (int s = 0; s < 2; ++s) {
    const EpilogueArguments::Stage& stage = epilogue.stages[s];
    if (stage.residual) {
      const Element* residual = static_cast<const Element*>(stage.residual) + voxel * stage.pitch;
      if (stage.one_channel) {
        const float value = to_float(*residual);
#pragma unroll
        for (int i = 0; i < size; ++i) values[i] += value;
      } else if (vectors) {
        float added[size];
        load(residual + channel, added);
#pragma unroll
        for (int i = 0; i < size; ++i) values[i] += added[i];
      } else {
#pragma unroll
        for (int i = 0; i < size; ++i)
          if (i < count) values[i] += to_float(residual[channel + i]);
      }
    }
    activate(stage.activation, values,
             stage.activation == Activation::prelu ? epilogue.weights.slopes[s] + channel : nullptr, count);
  }
}

/// Stores the first `count` values; all of them where `vectors`, to memory aligned to the lot or to 16 bytes.
template <class Element, int size>
__device__ __forceinline__ void store_channels(Element* output, const float (&values)[size], int count, bool vectors) {
  if (vectors) return store(output, values);
#pragma unroll
  for (int i = 0; i < size; ++i)
    if (i < count) output[i] = from_float<Element>(values[i]);
}

/// From the sums of a voxel's channels [channel, channel + size), of which there may be fewer, to outputs; the sums are
/// consumed. Element: of residuals, and of outputs that are not f32.
template <class Element, int size>
__device__ __forceinline__ void write_outputs(const OutputArguments& output, float (&sums)[size], std::int64_t voxel,
                                              int channel) {
  const int count = output.channels - channel < size ? output.channels - channel : size;
  finish<Element>(output.epilogue, sums, voxel, channel, count, output.vectors);
  const std::int64_t at = voxel * output.pitch + channel;
  if (output.f32)
    store_channels(static_cast<float*>(output.data) + at, sums, count, output.vectors);
  else
    store_channels(static_cast<Element*>(output.data) + at, sums, count, output.vectors);
}

}  // namespace pleura::kernels::cuda
