#include "layers/operations.hpp"

#include <algorithm>
#include <iterator>
#include <type_traits>

#include "layers/tuning/bench.hpp"
#include "pleura/error.hpp"

namespace pleura::layers {
namespace {

/// The variants that support a whole layer, the cheapest first: never by a slab, so that slabs cannot change a result.
/// With Kernels::cudnn the vendor's alone where there are any.
template <class Operation, class Step>
std::vector<const kernels::Variant<Operation, Step>*> supporting(
    std::span<const kernels::Variant<Operation, Step>> variants, const Operation& whole, const runtime::Device& device,
    bool in_slabs, Kernels kernels) {
  std::vector<const kernels::Variant<Operation, Step>*> found;
  for (const auto& variant : variants)
    if (!(variant.vendor && kernels == Kernels::native) && !(in_slabs && variant.whole_only) &&
        variant.supports(whole, device))
      found.push_back(&variant);
  if (found.empty()) throw Error(Status::internal, to_string(whole) + ": no kernel supports it");
  const auto is_vendors = [](const auto* variant) { return variant->vendor; };
  if (kernels == Kernels::cudnn && std::ranges::any_of(found, is_vendors))
    std::erase_if(found, [&](const auto* variant) { return !is_vendors(variant); });
  std::ranges::stable_sort(
      found, [&](const auto* a, const auto* b) { return a->cost(whole, device) < b->cost(whole, device); });
  return found;
}

/// Of one image: a batch of any size is to be done by the same variant.
template <class Operation>
std::string key_of(Operation operation, bool in_slabs) {
  operation.input.shape.n = operation.output.shape.n = 1;
  return (in_slabs ? "in slabs: " : "") + to_string(operation);
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
                       runtime::DType activations, Kernels kernels, const Tuning* tuning)
    : network_(network), backend_(backend), device_(device), activations_(activations), kernels_(kernels) {
  std::vector<std::vector<Choice>> all;
  for (std::size_t layer = 0; layer < network.layers.size(); ++layer) {
    all.push_back(candidates(layer));
    choices_.push_back(all.back().front());
  }
  if (tuning) choose(*tuning, all);
}

std::string Operations::name_of(const Choice& choice) {
  return std::visit([](const auto* variant) { return variant->name; }, choice);
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

template <class Use>
decltype(auto) Operations::visit(std::size_t index, const Planes& output, const Use& use) const {
  const Layer& layer = network_.layers[index];
  switch (layer.kind) {
    case LayerKind::convolution:
      return use(backend_.convolutions, convolution(layer, output));
    case LayerKind::deconvolution:
      return use(backend_.deconvolutions, deconvolution(layer, output));
    case LayerKind::pooling:
      return use(backend_.poolings, pooling(layer, output));
  }
  throw Error(Status::internal, layer.name + ": expected a known kind of layer");
}

std::vector<Operations::Choice> Operations::candidates(std::size_t index) const {
  const bool slabs = may_run_in_slabs(index);
  return visit(index, {0, network_.layers[index].output.shape.d}, [&](const auto& variants, const auto& whole) {
    std::vector<Choice> found;
    for (const auto* variant : supporting(variants, whole, device_, slabs, kernels_)) found.emplace_back(variant);
    return found;
  });
}

void Operations::choose(const Tuning& tuning, const std::vector<std::vector<Choice>>& candidates) {
  std::vector<Question> questions;
  for (std::size_t layer = 0; layer < candidates.size(); ++layer) {
    Question& question = questions.emplace_back();
    question.layer = network_.layers[layer].name;
    visit(layer, {0, network_.layers[layer].output.shape.d}, [&](const auto& variants, const auto& whole) {
      using Variant = typename std::decay_t<decltype(variants)>::value_type;
      question.operation = key_of(whole, may_run_in_slabs(layer));
      for (const Choice& candidate : candidates[layer]) {
        const auto* variant = std::get<const Variant*>(candidate);
        question.candidates.emplace_back(variant->name, variant->cost(whole, device_));
      }
    });
    question.measure = [this, layer, &candidates, &tuning](std::size_t candidate, double bound) {
      return measure(layer, candidates[layer][candidate], bound, tuning);
    };
  }
  const std::vector<std::string> names = tuning.tuner.choose(questions);
  for (std::size_t layer = 0; layer < candidates.size(); ++layer)
    choices_[layer] = *std::ranges::find(candidates[layer], names[layer], name_of);
}

double Operations::measure(std::size_t layer, const Choice& candidate, double bound, const Tuning& tuning) {
  constexpr std::int64_t of_slabs = 512 << 20;  // planes enough for a time
  const bool slabs = may_run_in_slabs(layer);
  const std::int64_t most = slabs ? std::min(tuning.bytes, of_slabs) : tuning.bytes;
  const auto shapes_of = [&](std::int64_t planes) {
    return visit(layer, {0, planes}, [](const auto& /*variants*/, const auto& part) { return BenchShapes(part); });
  };
  std::int64_t planes = network_.layers[layer].output.shape.d;
  while (slabs && planes > 2 && shapes_of(planes).bytes() > most) planes = planes / 4 * 2;
  const BenchShapes shapes = shapes_of(planes);
  if (shapes.bytes() > most) throw runtime::OutOfMemory("no memory to measure " + network_.layers[layer].name);
  return visit(layer, {0, planes}, [&](const auto& variants, const auto& part) {
    using Variant = typename std::decay_t<decltype(variants)>::value_type;
    const LayerStep made = make(*std::get<const Variant*>(candidate), part, device_, layer);
    return LayerBench(tuning.device, shapes).seconds(made.step, made.weighted, bound);
  });
}

const LayerStep& Operations::step(std::size_t index, const Planes& output) {
  return visit(index, output, [&](const auto& variants, const auto& part) -> const LayerStep& {
    using Variant = typename std::decay_t<decltype(variants)>::value_type;
    LayerStep& known = steps_[{index, to_string(part)}];
    if (!known.step) known = make(*std::get<const Variant*>(choices_[index]), part, device_, index);
    return known;
  });
}

std::vector<std::string> Operations::variants() const {
  std::vector<std::string> names;
  std::ranges::transform(choices_, std::back_inserter(names), name_of);
  return names;
}

}  // namespace pleura::layers
