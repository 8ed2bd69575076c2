#include "layers/summary.hpp"

namespace pleura::layers {
namespace {

std::vector<LayerRow> rows_of(const Network& network) {
  std::vector<LayerRow> rows;
  for (const Layer& layer : network.layers)
    rows.push_back({layer.name, kind_of(layer), layer.output.shape, parameters(layer), macs(layer),
                    elements_moved(layer) * runtime::size_of(runtime::DType::f32)});
  return rows;
}

}  // namespace

std::string kind_of(const Layer& layer) {
  const auto extent = [](const kernels::Extent3& e) {
    return std::to_string(e[0]) + "x" + std::to_string(e[1]) + "x" + std::to_string(e[2]);
  };
  if (layer.kind == LayerKind::pooling) return "max-pool " + extent(layer.kernel);
  std::string text = (layer.kind == LayerKind::convolution ? "conv " : "deconv ") + extent(layer.kernel);
  if (layer.stride[1] > 1) text += " stride " + std::to_string(layer.stride[1]);
  return text;
}

std::vector<LayerRow> summarize(const weights::VNetHyper& hyper, const Index3& shape) {
  return rows_of(build_vnet(hyper, {1, shape[0], shape[1], shape[2], 1}));
}

std::vector<LayerRow> summarize(const weights::ClassifierHyper& hyper, std::int64_t patches) {
  return rows_of(build_classifier(hyper, patches));
}

LayerRow total(const std::vector<LayerRow>& rows) {
  LayerRow sum;
  sum.name = "total";
  for (const LayerRow& row : rows) {
    sum.parameters += row.parameters;
    sum.macs += row.macs;
    sum.bytes += row.bytes;
  }
  return sum;
}

}  // namespace pleura::layers
