#pragma once
/// Noise as a layer's weights, packed into a device's memory.
#include <cmath>
#include <cstring>

#include "layer_shapes.hpp"
#include "runtime/device.hpp"

namespace pleura::bench {

template <class Operation>
[[nodiscard]] runtime::Arena noise_weights(const Operation& op, const kernels::WeightedStep& step,
                                           runtime::Device& device) {
  const std::int64_t in = op.input.shape.c, out = op.output.shape.c, bytes = step.form().bytes;
  const auto kernel = noise(taps(op) * in * out, std::sqrt(6.0f / static_cast<float>(taps(op) * in)));
  const auto bias = noise(out, 0.1f), slopes = noise(out, 0.25f);
  const runtime::Arena packed(bytes);
  std::memset(packed.data(), 0, static_cast<std::size_t>(bytes));
  step.pack({kernel, bias, {slopes, {}}}, packed.data());
  runtime::Arena weights = device.allocate(bytes);
  device.upload(weights.data(), packed.data(), bytes);
  return weights;
}

}  // namespace pleura::bench
