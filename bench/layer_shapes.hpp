#pragma once
/// Each shape of layer that the networks hold, at the sizes of a chest of 160 x 128 x 160 voxels of 2 mm (planes of the
/// finest stages cut down; every stage still exceeds the caches where it does in the network).
#include <vector>

#include "kernels/backend.hpp"
#include "random.hpp"
#include "runtime/float16.hpp"

namespace pleura::bench {

using kernels::Activation;
using kernels::Convolution;
using kernels::Deconvolution;
using runtime::DType;
using runtime::Shape;

/// One layer: `residual` is the number of channels added before the activation, `beside` further channels in the
/// buffers of input and output.
struct LayerShape {
  const char* name;
  std::int64_t in, out, kernel, stride;
  Shape grid;  ///< of the input
  std::int64_t residual = 0, in_beside = 0, out_beside = 0;
};

inline const LayerShape convolutions[] = {
    {"stem 5^3 1>16", 1, 16, 5, 1, {1, 16, 128, 160, 1}, 1},
    {"down1 2^3 16>32", 16, 32, 2, 2, {1, 16, 128, 160, 1}},
    {"down2 2^3 32>64", 32, 64, 2, 2, {1, 16, 64, 80, 1}},
    {"down3 2^3 64>128", 64, 128, 2, 2, {1, 20, 32, 40, 1}},
    {"down4 2^3 128>256", 128, 256, 2, 2, {1, 20, 16, 20, 1}},
    {"reduce 1^3 32>24", 32, 24, 1, 1, {1, 16, 64, 80, 1}},
    {"mid 3^3 8>8", 8, 8, 3, 1, {1, 16, 64, 80, 1}, 0, 16, 16},
    {"expand 1^3 24>32", 24, 32, 1, 1, {1, 16, 64, 80, 1}, 32},
    {"reduce 1^3 64>48", 64, 48, 1, 1, {1, 20, 32, 40, 1}},
    {"mid 3^3 16>16", 16, 16, 3, 1, {1, 20, 32, 40, 1}, 0, 32, 32},
    {"expand 1^3 48>64", 48, 64, 1, 1, {1, 20, 32, 40, 1}, 64},
    {"reduce 1^3 128>96", 128, 96, 1, 1, {1, 20, 32, 40, 1}},
    {"mid 3^3 32>32", 32, 32, 3, 1, {1, 20, 32, 40, 1}, 0, 64, 64},
    {"expand 1^3 96>128", 96, 128, 1, 1, {1, 20, 32, 40, 1}, 128},
    {"reduce 1^3 256>192", 256, 192, 1, 1, {1, 20, 16, 20, 1}},
    {"mid 3^3 64>64", 64, 64, 3, 1, {1, 20, 16, 20, 1}, 0, 128, 128},
    {"expand 1^3 192>256", 192, 256, 1, 1, {1, 20, 16, 20, 1}, 256},
    {"head 1^3 128>64", 128, 64, 1, 1, {1, 20, 32, 40, 1}},
    {"head 1^3 64>15", 64, 15, 1, 1, {1, 20, 32, 40, 1}},
    {"conv 5^3 32>32", 32, 32, 5, 1, {1, 8, 64, 80, 1}, 32},
    {"conv 5^3 64>64", 64, 64, 5, 1, {1, 8, 32, 40, 1}, 64},
    {"conv 5^3 128>128", 128, 128, 5, 1, {1, 8, 32, 40, 1}, 128},
    {"conv 5^3 256>256", 256, 256, 5, 1, {1, 8, 16, 20, 1}, 256},
    {"mask head 5^3 32>2", 32, 2, 5, 1, {1, 8, 64, 80, 1}},
    {"classifier 3^2 3>16", 3, 16, 3, 1, {24, 1, 60, 60, 1}},
    {"classifier 3^2 16>16", 16, 16, 3, 1, {24, 1, 30, 30, 1}, 16},
    {"classifier 3^2 16>32", 16, 32, 3, 1, {24, 1, 30, 30, 1}},
    {"classifier 3^2 32>16", 32, 16, 3, 1, {24, 1, 30, 30, 1}},
    {"classifier 3^2 16>4", 16, 4, 3, 1, {24, 1, 15, 15, 1}},
};

/// Into the first half of the concatenation's buffer.
inline const LayerShape deconvolutions[] = {
    {"up3 2^3 256>128", 256, 128, 2, 2, {1, 10, 8, 10, 1}, 0, 0, 128},
    {"up2 2^3 256>64", 256, 64, 2, 2, {1, 20, 16, 20, 1}, 0, 0, 64},
    {"up1 2^3 128>32", 128, 32, 2, 2, {1, 10, 32, 40, 1}, 0, 0, 32},
    {"up0 2^3 64>16", 64, 16, 2, 2, {1, 8, 64, 80, 1}, 0, 0, 16},
};

inline Shape with_channels(Shape shape, std::int64_t channels) {
  shape.c = channels;
  return shape;
}

inline Convolution operation(const LayerShape& layer, DType type, const Convolution* /*kind*/) {
  Convolution op;
  const bool image = layer.grid.d == 1;
  const std::int64_t pad = layer.kernel > 2 ? layer.kernel / 2 : 0, s = layer.stride;
  const Shape& g = layer.grid;
  const Shape out{g.n, g.d / s, g.h / s, g.w / s, layer.out};
  op.input = {type, with_channels(g, layer.in), layer.in + layer.in_beside};
  op.output = {type, out, layer.out + layer.out_beside};
  op.kernel = {image ? 1 : layer.kernel, layer.kernel, layer.kernel};
  op.stride = {s, s, s};
  op.pad_low = op.pad_high = {image ? 0 : pad, pad, pad};
  op.epilogue.stages[0].activation = Activation::prelu;
  if (layer.residual > 0) op.epilogue.stages[0].residual = dense(type, with_channels(out, layer.residual));
  return op;
}

inline Deconvolution operation(const LayerShape& layer, DType type, const Deconvolution* /*kind*/) {
  Deconvolution op;
  const Shape& g = layer.grid;
  op.input = dense(type, with_channels(g, layer.in));
  op.output = {type, {g.n, g.d * 2, g.h * 2, g.w * 2, layer.out}, layer.out + layer.out_beside};
  op.epilogue.stages[0].activation = Activation::prelu;
  return op;
}

inline std::int64_t taps(const Convolution& op) { return op.kernel[0] * op.kernel[1] * op.kernel[2]; }
inline std::int64_t taps(const Deconvolution& op) { return op.stride[0] * op.stride[1] * op.stride[2]; }

/// The bytes of a tensor full of noise.
inline std::vector<char> noise_tensor(const runtime::TensorDesc& desc) {
  std::vector<char> bytes(static_cast<std::size_t>(desc.shape.voxels() * desc.pitch * size_of(desc.dtype)));
  const std::vector<float> values = noise(desc.shape.voxels() * desc.pitch);
  for (std::size_t i = 0; i < values.size(); ++i)
    runtime::store_element(desc.dtype, bytes.data(), static_cast<std::int64_t>(i), values[i]);
  return bytes;
}

}  // namespace pleura::bench
