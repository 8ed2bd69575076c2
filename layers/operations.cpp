#include "layers/operations.hpp"

#include <algorithm>

#include "layers/fold.hpp"
#include "pleura/error.hpp"

namespace pleura::layers {
namespace {

/// The cheapest variant that supports the whole layer: never chosen by a slab, so that slabs cannot change a result.
template <class Operation, class Weights>
const kernels::Variant<Operation, Weights>& choose(std::span<const kernels::Variant<Operation, Weights>> variants,
                                                   const Operation& whole, bool in_slabs) {
  const kernels::Variant<Operation, Weights>* best = nullptr;
  for (const auto& variant : variants)
    if (variant.supports(whole) && !(in_slabs && variant.whole_only) &&
        (!best || variant.cost(whole) < best->cost(whole)))
      best = &variant;
  if (!best) throw Error(Status::internal, to_string(whole) + ": no kernel supports it");
  return *best;
}

template <class Operation, class Weights>
std::unique_ptr<runtime::Step> make(const kernels::Variant<Operation, Weights>& variant, const Operation& part,
                                    const Weights& weights) {
  if (!variant.supports(part))
    throw Error(Status::internal, to_string(part) + ": expected kernel " + variant.name + " to support any slab");
  return variant.make(part, weights);
}

}  // namespace

Operations::Operations(const Network& network, const weights::TensorMap& tensors, const kernels::Backend& backend,
                       runtime::DType activations)
    : network_(network), tensors_(tensors), backend_(backend), activations_(activations) {}

bool Operations::may_run_in_slabs(std::size_t layer) const {
  return std::ranges::any_of(network_.slab_groups,
                             [layer](const auto& group) { return std::ranges::find(group, layer) != group.end(); });
}

runtime::TensorDesc Operations::buffer(std::size_t index) const {
  const bool logits = index == network_.output.buffer;
  return runtime::dense(logits ? runtime::DType::f32 : activations_, network_.buffers[index]);
}

runtime::TensorDesc Operations::describe(const Value& value, std::int64_t planes) const {
  const runtime::TensorDesc whole = buffer(value.buffer);
  runtime::Shape shape = value.shape;
  shape.d = planes;
  return {whole.dtype, shape, whole.pitch};
}

kernels::Epilogue Operations::epilogue(const Layer& layer, std::int64_t planes) const {
  kernels::Epilogue result;
  for (std::size_t i = 0; i < layer.stages.size(); ++i) {
    result.stages[i].activation = layer.stages[i].activation;
    if (layer.stages[i].residual) result.stages[i].residual = describe(*layer.stages[i].residual, planes);
  }
  return result;
}

kernels::Convolution Operations::convolution(const Layer& layer, const Planes& output) const {
  const DepthPadding depth = depth_padding(layer, output);
  kernels::Convolution operation;
  operation.input = describe(layer.input, input_planes(layer, output).count());
  operation.output = describe(layer.output, output.count());
  operation.kernel = layer.kernel;
  operation.stride = layer.stride;
  operation.pad_low = {depth.low, layer.pad[1], layer.pad[2]};
  operation.pad_high = {depth.high, layer.pad[1], layer.pad[2]};
  operation.epilogue = epilogue(layer, output.count());
  return operation;
}

kernels::Deconvolution Operations::deconvolution(const Layer& layer, const Planes& output) const {
  return {describe(layer.input, input_planes(layer, output).count()), describe(layer.output, output.count()),
          layer.stride, epilogue(layer, output.count())};
}

kernels::Pooling Operations::pooling(const Layer& layer, const Planes& output) const {
  return {describe(layer.input, input_planes(layer, output).count()), describe(layer.output, output.count()),
          layer.kernel};
}

std::shared_ptr<const runtime::Step> Operations::step(std::size_t index, const Planes& output) {
  const Layer& layer = network_.layers[index];
  const Planes all{0, layer.output.shape.d};
  const bool slabs = may_run_in_slabs(index);
  const auto once = [&](const auto& variants, const auto& whole, const auto& part, const auto& weights) {
    std::shared_ptr<const runtime::Step>& step = steps_[{index, to_string(part)}];
    if (!step) {
      check(part);
      step = make(choose(variants, whole, slabs), part, weights());
    }
    return step;
  };
  FoldedWeights folded;
  const auto fold_weights = [&] {
    folded = fold(layer, tensors_);
    return folded.view();
  };
  switch (layer.kind) {
    case LayerKind::convolution:
      return once(backend_.convolutions, convolution(layer, all), convolution(layer, output), fold_weights);
    case LayerKind::deconvolution:
      return once(backend_.deconvolutions, deconvolution(layer, all), deconvolution(layer, output), fold_weights);
    case LayerKind::pooling:
      return once(backend_.poolings, pooling(layer, all), pooling(layer, output), [] { return kernels::NoWeights{}; });
  }
  throw Error(Status::internal, layer.name + ": expected a known kind of layer");
}

std::vector<std::string> Operations::variants() const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < network_.layers.size(); ++i) {
    const Layer& layer = network_.layers[i];
    const bool slabs = may_run_in_slabs(i);
    const Planes all{0, layer.output.shape.d};
    switch (layer.kind) {
      case LayerKind::convolution:
        names.emplace_back(choose(backend_.convolutions, convolution(layer, all), slabs).name);
        break;
      case LayerKind::deconvolution:
        names.emplace_back(choose(backend_.deconvolutions, deconvolution(layer, all), slabs).name);
        break;
      case LayerKind::pooling:
        names.emplace_back(choose(backend_.poolings, pooling(layer, all), slabs).name);
        break;
    }
  }
  return names;
}

}  // namespace pleura::layers
