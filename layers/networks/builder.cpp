#include "layers/networks/builder.hpp"

namespace pleura::layers {

using kernels::Activation;

Value Builder::buffer(const runtime::Shape& shape) {
  network_.buffers.push_back(shape);
  return {network_.buffers.size() - 1, 0, shape};
}

Value Builder::channels(const Value& value, std::int64_t first, std::int64_t count) {
  Value part = value;
  part.channel += first;
  part.shape.c = count;
  return part;
}

Stage Builder::activation(const std::string& module) const {
  return {{}, activation_, activation_ == Activation::prelu ? module : ""};
}

Stage Builder::add_and_activate(const Value& residual, const std::string& module) const {
  Stage stage = activation(module);
  stage.residual = residual;
  return stage;
}

Layer& Builder::add(LayerKind kind, const std::string& module, const Value& in, const Value& out,
                    const std::string& norm, const Stages& stages) {
  Layer& layer = network_.layers.emplace_back();
  layer.name = module;
  layer.kind = kind;
  layer.input = in;
  layer.output = out;
  if (norms_) layer.norm = norm;
  layer.stages = stages;
  return layer;
}

Layer& Builder::convolve(const std::string& module, const Value& in, const Value& out, const kernels::Extent3& kernel,
                         const std::string& norm, const Stages& stages) {
  Layer& layer = add(LayerKind::convolution, module, in, out, norm, stages);
  layer.kernel = kernel;
  layer.pad = {kernel[0] / 2, kernel[1] / 2, kernel[2] / 2};
  return layer;
}

}  // namespace pleura::layers
