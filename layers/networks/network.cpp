#include "layers/networks/network.hpp"

namespace pleura::layers {
namespace {

std::int64_t kernel_voxels(const Layer& layer) { return layer.kernel[0] * layer.kernel[1] * layer.kernel[2]; }

}  // namespace

std::int64_t parameters(const Layer& layer) {
  if (layer.kind == LayerKind::pooling) return 0;
  const std::int64_t out = layer.output.shape.c;
  std::int64_t count = layer.input.shape.c * out * kernel_voxels(layer) + out;
  if (!layer.norm.empty()) count += 2 * out;
  for (const Stage& stage : layer.stages)
    if (!stage.slopes.empty()) count += out;
  return count;
}

std::int64_t macs(const Layer& layer) {
  switch (layer.kind) {
    case LayerKind::convolution:
      return layer.output.shape.elements() * layer.input.shape.c * kernel_voxels(layer);
    case LayerKind::deconvolution:
      return layer.output.shape.elements() * layer.input.shape.c;
    case LayerKind::pooling:
      return 0;
  }
  return 0;
}

std::int64_t elements_moved(const Layer& layer) {
  std::int64_t count = layer.input.shape.elements() + layer.output.shape.elements();
  for (const Stage& stage : layer.stages)
    if (stage.residual) count += stage.residual->shape.elements();
  return count;
}

}  // namespace pleura::layers
