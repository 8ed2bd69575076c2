#include "layers/planner.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "layers/operations.hpp"
#include "layers/slabs.hpp"
#include "pleura/error.hpp"
#include "runtime/parallel.hpp"

namespace pleura::layers {
namespace {

using runtime::TensorDesc;

/// Part of a buffer, before the arena exists.
struct Location {
  std::size_t allocation = 0;
  std::int64_t offset = 0;
};

struct DraftInvocation {
  std::size_t layer = 0;
  const LayerStep* step = nullptr;
  Location input, output, workspace;
  std::array<std::optional<Location>, 2> residuals;
  TensorDesc written;
};

/// A plan without memory.
struct Draft {
  std::vector<DraftInvocation> invocations;
  std::vector<runtime::Lifetime> allocations;
  std::map<std::size_t, std::size_t> whole;  ///< buffers kept whole: their allocation
  PackedWeights::Needs weights;
  std::int64_t slabs = 1;
  runtime::ArenaLayout layout;
};

/// Drafts plans of one network, which share its steps.
class Planner {
 public:
  /// `measuring`: bytes that the tuner, if there is one, may measure in.
  Planner(const Network& network, const Target& target, std::int64_t measuring)
      : network_(network), operations_(choose(network, target, measuring)) {}

  /// With slabs of this many planes at full resolution; 0: all layers whole.
  Draft draft(std::int64_t slab) {
    Draft draft;
    for (const Value& input : network_.inputs) touch(draft, whole(draft, input.buffer), 0);
    if (slab == 0) {
      for (std::size_t layer = 0; layer < network_.layers.size(); ++layer) add_whole(draft, layer);
    } else {
      for (std::size_t layer = 0; layer < network_.layers.size(); ++layer) add_in_slabs(draft, layer, slab);
    }
    touch(draft, whole(draft, network_.output.buffer), last_time(draft));
    draft.layout = runtime::lay_out(draft.allocations);
    for (const DraftInvocation& invocation : draft.invocations)
      if (invocation.step->weighted) draft.weights[invocation.step->weights] = invocation.step->weighted;
    return draft;
  }

  const Operations& operations() const { return operations_; }

 private:
  static Operations choose(const Network& network, const Target& target, std::int64_t measuring) {
    const kernels::OpenDevice& on = target.device;
    if (!target.tuner) return {network, on.backend, *on.device, target.activations, target.kernels};
    const Tuning tuning{*target.tuner, on, measuring};
    return {network, on.backend, *on.device, target.activations, target.kernels, &tuning};
  }

  using Slab = std::map<std::size_t, Planes>;
  using Allocations = std::map<std::size_t, std::size_t>;

  static std::int64_t last_time(const Draft& draft) {
    return std::max<std::int64_t>(0, static_cast<std::int64_t>(draft.invocations.size()) - 1);
  }

  static std::size_t allocate(Draft& draft, std::int64_t bytes) {
    draft.allocations.push_back({bytes, std::numeric_limits<std::int64_t>::max(), 0});
    return draft.allocations.size() - 1;
  }

  static void touch(Draft& draft, std::size_t allocation, std::int64_t time) {
    runtime::Lifetime& life = draft.allocations[allocation];
    life.first = std::min(life.first, time);
    life.last = std::max(life.last, time);
  }

  std::size_t whole(Draft& draft, std::size_t buffer) {
    const auto known = draft.whole.find(buffer);
    if (known != draft.whole.end()) return known->second;
    const std::size_t fresh = allocate(draft, operations_.buffer(buffer).bytes());
    draft.whole[buffer] = fresh;
    return fresh;
  }

  void add_whole(Draft& draft, std::size_t layer) {
    add(draft, layer, {0, network_.layers[layer].output.shape.d}, {}, {});
  }

  /// A layer that is in no group runs whole; a group runs where its last layer stands.
  void add_in_slabs(Draft& draft, std::size_t layer, std::int64_t slab) {
    bool grouped = false;
    for (const auto& group : network_.slab_groups) {
      grouped = grouped || std::ranges::find(group, layer) != group.end();
      if (group.back() == layer) add_group(draft, group, slab);
    }
    if (!grouped) add_whole(draft, layer);
  }

  void add_group(Draft& draft, const std::vector<std::size_t>& group, std::int64_t slab) {
    const Value& result = network_.layers[group.back()].output;
    const std::int64_t depth = result.shape.d, scale = network_.inputs[0].shape.d / depth;
    const std::int64_t step = std::max<std::int64_t>(1, slab / scale);
    std::vector<Slab> slabs;
    for (std::int64_t begin = 0; begin < depth; begin += step)
      slabs.push_back(slab_planes(network_, group, {begin, std::min(depth, begin + step)}));
    draft.slabs = std::max(draft.slabs, static_cast<std::int64_t>(slabs.size()));

    std::map<std::size_t, std::int64_t> most;  // planes that a buffer holds at a time
    for (const Slab& planes : slabs)
      for (const auto& [buffer, range] : planes)
        if (buffer != result.buffer) most[buffer] = std::max(most[buffer], range.count());
    Allocations inside;
    for (const auto& [buffer, count] : most)
      inside[buffer] = allocate(draft, operations_.buffer(buffer).plane_bytes() * count);

    for (const Slab& planes : slabs)
      for (const std::size_t layer : group)
        add(draft, layer, planes.at(network_.layers[layer].output.buffer), planes, inside);
  }

  /// These planes of a layer's output; buffers in `inside` hold the slab's planes only.
  void add(Draft& draft, std::size_t index, const Planes& output, const Slab& slab, const Allocations& inside) {
    const Layer& layer = network_.layers[index];
    const auto time = static_cast<std::int64_t>(draft.invocations.size());
    const auto locate = [&](const Value& value, std::int64_t plane) {
      const TensorDesc buffer = operations_.buffer(value.buffer);
      const auto slabbed = inside.find(value.buffer);
      const bool whole_buffer = slabbed == inside.end();
      const std::int64_t first = whole_buffer ? 0 : slab.at(value.buffer).begin;
      const Location location{whole_buffer ? whole(draft, value.buffer) : slabbed->second,
                              (plane - first) * buffer.plane_bytes() + value.channel * runtime::size_of(buffer.dtype)};
      touch(draft, location.allocation, time);
      return location;
    };
    DraftInvocation invocation;
    invocation.layer = index;
    invocation.step = &operations_.step(index, output);
    invocation.input = locate(layer.input, input_planes(layer, output).begin);
    invocation.output = locate(layer.output, output.begin);
    for (std::size_t i = 0; i < layer.stages.size(); ++i)
      if (layer.stages[i].residual) invocation.residuals[i] = locate(*layer.stages[i].residual, output.begin);
    invocation.workspace.allocation = allocate(draft, invocation.step->step->workspace_bytes());
    touch(draft, invocation.workspace.allocation, time);
    invocation.written = operations_.describe(layer.output, output.count());
    draft.invocations.push_back(invocation);
  }

  const Network& network_;
  Operations operations_;
};

/// Takes the memory and points the steps at it.
runtime::Plan bind(const Draft& draft, const Network& network, const Operations& operations,
                   const PackedWeights& weights, runtime::Device& device) {
  runtime::Plan plan{device.allocate(draft.layout.bytes), {}, {}, {}, PackedWeights::bytes(draft.weights), {}};
  const auto at = [&](const Location& location) {
    return plan.arena.data() + draft.layout.offsets[location.allocation] + location.offset;
  };
  for (const DraftInvocation& draft_step : draft.invocations) {
    runtime::Invocation& invocation = plan.invocations.emplace_back();
    invocation.step = draft_step.step->step;
    invocation.layer = draft_step.layer;
    invocation.operands = {at(draft_step.input), at(draft_step.output), {}, at(draft_step.workspace)};
    if (draft_step.step->weighted) invocation.operands.weights = weights.at(draft_step.step->weights);
    for (std::size_t i = 0; i < draft_step.residuals.size(); ++i)
      if (draft_step.residuals[i]) invocation.operands.residuals[i] = at(*draft_step.residuals[i]);
    invocation.output = {draft_step.written, at(draft_step.output)};
  }
  const auto whole = [&](const Value& value) -> runtime::TensorView {
    const TensorDesc desc = operations.describe(value, value.shape.d);
    return {desc, at({draft.whole.at(value.buffer), value.channel * runtime::size_of(desc.dtype)})};
  };
  for (const Value& input : network.inputs) plan.inputs.push_back(whole(input));
  plan.output = whole(network.output);
  return plan;
}

/// Slab thicknesses to try, best first: planes at full resolution, 0 for none. Where slabs cost nothing they start on a
/// CPU at what fits a cache; where they repeat work, and on a GPU, which each slab costs launches, at the thickest.
std::vector<std::int64_t> thicknesses(const Network& network, const Operations& operations, bool is_host) {
  constexpr std::int64_t cache_bytes = 16 << 20;
  if (network.slab_groups.empty()) return {0};
  std::vector<std::int64_t> result;
  std::int64_t planes = network.inputs[0].shape.d;
  if (network.slabs_are_free && is_host) {
    const Layer& stem = network.layers[network.slab_groups[0][0]];
    planes = std::min(planes, cache_bytes / operations.buffer(stem.output.buffer).plane_bytes());
  } else {
    result.push_back(0);
    planes /= 2;
  }
  for (planes = std::max<std::int64_t>(2, planes / 2 * 2); planes > 2; planes = planes / 4 * 2)
    result.push_back(planes);
  result.push_back(2);
  return result;
}

}  // namespace

PlannedNetwork make_plan(Network network, PackedWeights& weights, const Target& target) {
  runtime::Device& device = *target.device.device;
  const ThreadScope scope(device.stream().threads);                   // oneDNN divides its work when a step is made
  if (target.kernels == Kernels::cudnn) network.slab_groups.clear();  // it gives a voxel other bits in a slab
  Planner planner(network, target, target.allowed() - weights.held_bytes());
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  std::optional<runtime::OutOfMemory> refused;
  for (const std::int64_t slab : thicknesses(network, planner.operations(), device.is_host())) {
    const Draft draft = planner.draft(slab);
    const std::int64_t needed = draft.layout.bytes + weights.held_bytes() + weights.missing_bytes(draft.weights);
    least = std::min(least, needed);
    do {
      if (needed > target.allowed()) continue;
      try {
        weights.require(network, draft.weights);
        runtime::Plan plan = bind(draft, network, planner.operations(), weights, device);
        std::vector<std::string> variants = planner.operations().variants();
        return {std::move(network), std::move(plan), std::move(variants), draft.slabs};
      } catch (const runtime::OutOfMemory& error) {  // fragments, say, or what others took meanwhile
        refused = error;
      }
    } while (target.give_up());
  }
  const std::int64_t allowed = std::max<std::int64_t>(target.allowed(), 0);
  const std::string needs = "the network on an input of " + to_string(network.inputs[0].shape) +
                            " (n, z, y, x, channels) needs " + std::to_string(least) + " bytes of memory";
  if (refused && least <= allowed) throw runtime::OutOfMemory(refused->what() + ("; " + needs));
  throw Error(Status::resources, needs + ", allowed are " + std::to_string(allowed));
}

}  // namespace pleura::layers
