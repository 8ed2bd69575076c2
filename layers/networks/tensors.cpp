#include "layers/networks/tensors.hpp"

namespace pleura::layers {
namespace {

std::vector<std::int64_t> weight_shape(const Layer& layer) {
  const std::int64_t in = layer.input.shape.c, out = layer.output.shape.c;
  const auto& k = layer.kernel;
  if (layer.kind == LayerKind::deconvolution) return {in, out, k[0], k[1], k[2]};  // PyTorch puts the inputs first
  switch (layer.form) {
    case WeightForm::volume:
      return {out, in, k[0], k[1], k[2]};
    case WeightForm::image:
      return {out, in, k[1], k[2]};
    case WeightForm::linear:
      return {out, in * k[0] * k[1] * k[2]};
  }
  return {};
}

}  // namespace

TensorShapes tensor_shapes(const Network& network) {
  TensorShapes shapes;
  for (const Layer& layer : network.layers) {
    if (layer.kind == LayerKind::pooling) continue;
    const std::vector<std::int64_t> per_channel{layer.output.shape.c};
    shapes.emplace_back(layer.name + ".weight", weight_shape(layer));
    shapes.emplace_back(layer.name + ".bias", per_channel);
    if (!layer.norm.empty())
      for (const char* part : {".weight", ".bias", ".running_mean", ".running_var"})
        shapes.emplace_back(layer.norm + part, per_channel);
    for (const Stage& stage : layer.stages)
      if (!stage.slopes.empty()) shapes.emplace_back(stage.slopes + ".weight", per_channel);
  }
  return shapes;
}

TensorShapes tensor_shapes(const VNetHyper& hyper) { return tensor_shapes(build_vnet(hyper, {1, 16, 16, 16, 1})); }

TensorShapes tensor_shapes(const ClassifierHyper& hyper) { return tensor_shapes(build_classifier(hyper, 1)); }

}  // namespace pleura::layers
