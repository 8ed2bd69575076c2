#include "layers/runner.hpp"

#include <algorithm>

#include "pleura/error.hpp"
#include "runtime/parallel.hpp"

namespace pleura::layers {
namespace {

/// Values in [-1, 1) that look like noise.
std::vector<float> noise(std::int64_t count) {
  std::vector<float> values(count);
  std::uint32_t state = 1;
  for (float& value : values) {
    state = state * 1664525u + 1013904223u;
    value = static_cast<float>(state >> 8) * 0x1p-23f - 1.0f;
  }
  return values;
}

const kernels::Backend& backend_of(DeviceKind device) {
  switch (device) {
    case DeviceKind::cpu:
      return kernels::cpu_backend();
    case DeviceKind::reference:
      return kernels::reference_backend();
    case DeviceKind::cuda:
#ifdef PLEURA_WITH_CUDA
      return kernels::cuda_backend();
#else
      throw Error(Status::resources, "device cuda: this build of pleura has no CUDA, expected cpu");
#endif
  }
  throw Error(Status::usage, "device: expected cpu, reference or cuda");
}

runtime::DType activations_of(const Options& options) {
  const bool cuda = options.device == DeviceKind::cuda;
  const runtime::DType narrow = cuda ? runtime::DType::f16 : runtime::DType::bf16;
  if (options.activations == runtime::DType::f32 || options.activations == narrow) return options.activations;
  throw Error(Status::usage, cuda ? "precision bf16: the device cuda computes in fp32 or fp16"
                                  : "precision fp16: this device computes in fp32 or bf16, fp16 is cuda's");
}

/// Tells `done` after each step what share of a plan's arithmetic is behind it.
runtime::Observer share_of(const PlannedNetwork& planned, const std::function<void(double)>& done) {
  std::vector<double> parts;  // of each layer's invocations
  double whole = 0;
  for (const Layer& layer : planned.network.layers) {
    parts.push_back(static_cast<double>(macs(layer)));
    whole += parts.back();
  }
  std::vector<int> invocations(parts.size(), 0);
  for (const runtime::Invocation& invocation : planned.plan.invocations) ++invocations[invocation.layer];
  for (std::size_t i = 0; i < parts.size(); ++i) parts[i] /= invocations[i] * whole;
  return [parts, done, sum = 0.0](const runtime::Invocation& invocation, double /*seconds*/) mutable {
    sum += parts[invocation.layer];
    done(std::min(sum, 1.0));
  };
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

Runner::Runner(Build build, weights::TensorMap tensors, const Options& options)
    : build_(std::move(build)),
      tensors_(std::move(tensors)),
      options_(options),
      backend_(backend_of(options.device)),
      activations_(activations_of(options)),
      threads_(resolve_threads(options.threads)),
      device_(backend_.open(threads_)) {}

PlannedNetwork& Runner::plan(const runtime::Shape& shape) {
  constexpr std::size_t kept = 2;
  const auto known = std::ranges::find_if(
      plans_, [&](const PlannedNetwork& planned) { return planned.network.inputs[0].shape == shape; });
  if (known != plans_.end()) {
    plans_.splice(plans_.begin(), plans_, known);
    return plans_.front();
  }
  if (plans_.size() == kept) plans_.pop_back();
  std::uint64_t bound = options_.memory_bytes;
  if (bound != 0) {  // what others leave, unless that would make slabs of this one
    if (held_bytes() > bound / 4) plans_.clear();
    bound -= held_bytes();
  }
  const Target target{backend_, *device_, activations_, threads_, bound};
  plans_.push_front(make_plan(build_(shape), tensors_, target));
  return plans_.front();
}

void Runner::fill(const PlannedNetwork& planned, std::span<const float* const> inputs) {
  for (std::size_t i = 0; i < planned.plan.inputs.size(); ++i) device_->copy_in(inputs[i], planned.plan.inputs[i]);
}

void Runner::run(const runtime::Shape& shape, std::span<const float* const> inputs, float* output,
                 const std::function<void(double)>& done) {
  PlannedNetwork& planned = plan(shape);
  fill(planned, inputs);
  const bool queued = options_.device == DeviceKind::cuda;
  device_->execute(planned.plan, done && !queued ? share_of(planned, done) : runtime::Observer{});
  device_->copy_out(planned.plan.output, output);
}

void Runner::bound_memory(std::uint64_t bytes) {
  options_.memory_bytes = bytes;
  if (bytes != 0 && held_bytes() > bytes) plans_.clear();
}

std::uint64_t Runner::held_bytes() const {
  std::uint64_t bytes = 0;
  for (const PlannedNetwork& planned : plans_)
    bytes += static_cast<std::uint64_t>(planned.plan.arena.bytes() + planned.plan.weight_bytes);
  return bytes;
}

PlanFigures Runner::figures(const runtime::Shape& shape) {
  const PlannedNetwork& planned = plan(shape);
  PlanFigures figures;
  for (const Layer& layer : planned.network.layers) figures.macs += macs(layer);
  figures.arena_bytes = static_cast<std::uint64_t>(planned.plan.arena.bytes());
  figures.weight_bytes = static_cast<std::uint64_t>(planned.plan.weight_bytes);
  figures.slabs = planned.slabs;
  return figures;
}

std::vector<LayerTime> Runner::profile(const runtime::Shape& shape, int runs) {
  PlannedNetwork& planned = plan(shape);
  const std::vector<Layer>& layers = planned.network.layers;
  std::vector<std::vector<float>> values;
  std::vector<const float*> inputs;
  for (const Value& input : planned.network.inputs) {
    values.push_back(noise(input.shape.elements()));
    inputs.push_back(values.back().data());
  }
  std::vector<std::vector<double>> seconds(layers.size());
  for (int run = -1; run < runs; ++run) {
    std::vector<double> sums(layers.size(), 0.0);
    fill(planned, inputs);
    device_->execute(planned.plan,
                     [&](const runtime::Invocation& invocation, double time) { sums[invocation.layer] += time; });
    if (run < 0) continue;  // to warm up
    for (std::size_t i = 0; i < layers.size(); ++i) seconds[i].push_back(sums[i]);
  }
  std::vector<LayerTime> times;
  const runtime::DType type = planned.plan.inputs[0].desc.dtype;
  for (std::size_t i = 0; i < layers.size(); ++i)
    times.push_back({layers[i].name, planned.variants[i], runs > 0 ? median(seconds[i]) : 0, macs(layers[i]),
                     elements_moved(layers[i]) * runtime::size_of(type)});
  return times;
}

std::string Runner::first_bad_layer(const runtime::Shape& shape, std::span<const float* const> inputs) {
  PlannedNetwork& planned = plan(shape);
  std::string bad;
  fill(planned, inputs);
  device_->execute(planned.plan, [&](const runtime::Invocation& invocation, double /*seconds*/) {
    if (bad.empty() && !device_->all_finite(invocation.output)) bad = planned.network.layers[invocation.layer].name;
  });
  return bad;
}

}  // namespace pleura::layers
