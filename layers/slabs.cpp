#include "layers/slabs.hpp"

#include <algorithm>

namespace pleura::layers {

Planes input_planes(const Layer& layer, const Planes& output) {
  const std::int64_t stride = layer.stride[0];
  if (layer.kind == LayerKind::deconvolution) return {output.begin / stride, (output.end + stride - 1) / stride};
  return {std::max<std::int64_t>(0, output.begin * stride - layer.pad[0]),
          std::min(layer.input.shape.d, (output.end - 1) * stride - layer.pad[0] + layer.kernel[0])};
}

DepthPadding depth_padding(const Layer& layer, const Planes& output) {
  const Planes input = input_planes(layer, output);
  return {input.begin - (output.begin * layer.stride[0] - layer.pad[0]),
          (output.end - 1) * layer.stride[0] - layer.pad[0] + layer.kernel[0] - input.end};
}

std::map<std::size_t, Planes> slab_planes(const Network& network, std::span<const std::size_t> group,
                                          const Planes& output) {
  std::map<std::size_t, Planes> planes{{network.layers[group.back()].output.buffer, output}};
  const auto need = [&](const Value& value, const Planes& needed) {
    const Planes even{needed.begin / 2 * 2, std::min(value.shape.d, (needed.end + 1) / 2 * 2)};
    const auto [entry, fresh] = planes.try_emplace(value.buffer, even);
    if (!fresh) entry->second = {std::min(entry->second.begin, even.begin), std::max(entry->second.end, even.end)};
  };
  for (auto index = group.rbegin(); index != group.rend(); ++index) {
    const Layer& layer = network.layers[*index];
    const Planes written = planes.at(layer.output.buffer);
    need(layer.input, input_planes(layer, written));
    for (const Stage& stage : layer.stages)
      if (stage.residual) need(*stage.residual, written);
  }
  // What no layer of the group writes lies in whole buffers.
  std::erase_if(planes, [&](const auto& entry) {
    return std::ranges::none_of(group,
                                [&](std::size_t index) { return network.layers[index].output.buffer == entry.first; });
  });
  return planes;
}

}  // namespace pleura::layers
