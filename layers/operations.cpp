#include "layers/operations.hpp"

#include <algorithm>
#include <type_traits>

#include "pleura/error.hpp"

namespace pleura::layers {
namespace {

/// The cheapest variant that supports the whole layer: never chosen by a slab, so that slabs cannot change a result.
/// With Kernels::cudnn the vendor's come first.
template <class Operation, class Step>
const kernels::Variant<Operation, Step>* cheapest(std::span<const kernels::Variant<Operation, Step>> variants,
                                                  const Operation& whole, const runtime::Device& device, bool in_slabs,
                                                  Kernels kernels) {
  const auto comes_first = [&](const auto& a, const auto& b) {
    if (kernels == Kernels::cudnn && a.vendor != b.vendor) return a.vendor;
    return a.cost(whole, device) < b.cost(whole, device);
  };
  const kernels::Variant<Operation, Step>* best = nullptr;
  for (const auto& variant : variants)
    if (!(variant.vendor && kernels == Kernels::native) && !(in_slabs && variant.whole_only) &&
        variant.supports(whole, device) && (!best || comes_first(variant, *best)))
      best = &variant;
  if (!best) throw Error(Status::internal, to_string(whole) + ": no kernel supports it");
  return best;
}

template <class Operation, class Step>
LayerStep make(const kernels::Variant<Operation, Step>& variant, const Operation& part, const runtime::Device& device,
               std::size_t layer) {
  check(part);
  if (!variant.supports(part, device))
    throw Error(Status::internal, to_string(part) + ": expected kernel " + variant.name + " to support any slab");
  const std::shared_ptr<const Step> step = variant.make(part, device);
  if constexpr (std::is_same_v<Step, kernels::WeightedStep>)
    return {step, step.get(), {layer, step->form()}};
  else
    return {step, nullptr, {}};
}

}  // namespace

Operations::Operations(const Network& network, const kernels::Backend& backend, const runtime::Device& device,
                       runtime::DType activations, Kernels kernels)
    : network_(network), backend_(backend), device_(device), activations_(activations), kernels_(kernels) {
  for (std::size_t layer = 0; layer < network.layers.size(); ++layer) choices_.push_back(choose(layer));
}

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

Operations::Choice Operations::choose(std::size_t index) const {
  const Layer& layer = network_.layers[index];
  const Planes all{0, layer.output.shape.d};
  const bool slabs = may_run_in_slabs(index);
  switch (layer.kind) {
    case LayerKind::convolution:
      return cheapest(backend_.convolutions, convolution(layer, all), device_, slabs, kernels_);
    case LayerKind::deconvolution:
      return cheapest(backend_.deconvolutions, deconvolution(layer, all), device_, slabs, kernels_);
    case LayerKind::pooling:
      return cheapest(backend_.poolings, pooling(layer, all), device_, slabs, kernels_);
  }
  throw Error(Status::internal, layer.name + ": expected a known kind of layer");
}

const LayerStep& Operations::step(std::size_t index, const Planes& output) {
  const Layer& layer = network_.layers[index];
  const auto once = [&](const auto& variant, const auto& part) -> const LayerStep& {
    LayerStep& known = steps_[{index, to_string(part)}];
    if (!known.step) known = make(*variant, part, device_, index);
    return known;
  };
  switch (layer.kind) {
    case LayerKind::convolution:
      return once(std::get<0>(choices_[index]), convolution(layer, output));
    case LayerKind::deconvolution:
      return once(std::get<1>(choices_[index]), deconvolution(layer, output));
    case LayerKind::pooling:
      return once(std::get<2>(choices_[index]), pooling(layer, output));
  }
  throw Error(Status::internal, layer.name + ": expected a known kind of layer");
}

std::vector<std::string> Operations::variants() const {
  std::vector<std::string> names;
  for (const Choice& choice : choices_)
    names.emplace_back(std::visit([](const auto* variant) { return variant->name; }, choice));
  return names;
}

}  // namespace pleura::layers
