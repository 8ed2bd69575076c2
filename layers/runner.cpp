#include "layers/runner.hpp"

#include <algorithm>
#include <limits>

#include "pleura/error.hpp"
#include "runtime/parallel.hpp"

namespace pleura::layers {
namespace {

/// In which a backend's networks are to compute. Throws Error(usage) naming what it has.
runtime::DType activations_of(const kernels::Backend& backend, runtime::DType type) {
  if (std::ranges::find(backend.activations, type) != backend.activations.end()) return type;
  std::string names;
  for (const runtime::DType one : backend.activations)
    names.append(names.empty() ? "" : " or ").append(precision_name(one));
  throw Error(Status::usage, std::string("precision ") + precision_name(type) + ": the device " + backend.name +
                                 " computes in " + names);
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

/// Memory of a GPU that a plan leaves to others: to the copies of its own input and output in fp32, and to what has no
/// plan yet or does not say how much it takes: the other network (44 MB the classifier), scratch, graphs.
std::int64_t reserve(const Network& network) {
  std::int64_t elements = network.output.shape.elements();
  for (const Value& input : network.inputs) elements += input.shape.elements();
  return (std::int64_t{64} << 20) + elements * static_cast<std::int64_t>(sizeof(float));
}

}  // namespace

Runner::Runner(Build build, const runtime::Shape& least, weights::TensorMap tensors, kernels::OpenDevice device,
               const Options& options)
    : build_(std::move(build)),
      device_(std::move(device)),
      activations_(activations_of(device_.backend, options.activations)),
      kernels_(options.kernels),
      tuner_(options.tuner),
      memory_bytes_(options.memory_bytes),
      weights_(std::move(tensors), *device_.device) {
  if (activations_ == runtime::DType::f16) weights_.require_fp16(build_(least));
}

std::int64_t Runner::arena_bytes() const {
  std::int64_t bytes = 0;
  for (const PlannedNetwork& planned : plans_) bytes += planned.plan.arena.bytes();
  return bytes;
}

std::int64_t Runner::allowed(std::int64_t reserved) const {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  const std::int64_t bound =
      memory_bytes_ > most || memory_bytes_ == 0 ? most : static_cast<std::int64_t>(memory_bytes_);
  const std::int64_t others = bound == most ? most : bound - arena_bytes();
  if (device_.device->is_host()) return others;
  return std::min(others, device_.device->available_bytes() - reserved + weights_.held_bytes());
}

bool Runner::give_up_oldest() {
  if (plans_.empty()) return false;
  plans_.pop_back();
  return true;
}

PlannedNetwork& Runner::plan(const runtime::Shape& shape) {
  constexpr std::size_t kept = 2;
  const auto current = device_.device->bind();
  const auto known = std::ranges::find_if(
      plans_, [&](const PlannedNetwork& planned) { return planned.network.inputs[0].shape == shape; });
  if (known != plans_.end()) {
    plans_.splice(plans_.begin(), plans_, known);
    return plans_.front();
  }
  if (plans_.size() == kept) give_up_oldest();
  Network network = build_(shape);
  const Target target{device_,
                      activations_,
                      [&, reserved = reserve(network)] { return allowed(reserved); },
                      [&] { return device_.device->pool().trim() || give_up_oldest(); },
                      kernels_,
                      tuner_.get()};
  plans_.push_front(make_plan(std::move(network), weights_, target));
  return plans_.front();
}

runtime::TensorView Runner::run(const runtime::Shape& shape, const std::function<void(double)>& done) {
  PlannedNetwork& planned = plan(shape);
  const bool heard = done && device_.device->is_host();
  device_.device->execute(planned.plan, heard ? share_of(planned, done) : runtime::Observer{});
  return planned.plan.output;
}

void Runner::give_up_plans() {
  const auto current = device_.device->bind();
  plans_.clear();
}

void Runner::bound_memory(std::uint64_t bytes) {
  const auto current = device_.device->bind();
  memory_bytes_ = bytes;
  while (bytes != 0 && held_bytes() > bytes && give_up_oldest()) {
  }
}

std::uint64_t Runner::held_bytes() const { return static_cast<std::uint64_t>(arena_bytes() + weights_.held_bytes()); }

PlanFigures Runner::figures(const runtime::Shape& shape) {
  const PlannedNetwork& planned = plan(shape);
  PlanFigures figures;
  for (const Layer& layer : planned.network.layers) figures.macs += macs(layer);
  figures.arena_bytes = static_cast<std::uint64_t>(planned.plan.arena.bytes());
  figures.weight_bytes = static_cast<std::uint64_t>(planned.plan.weight_bytes);
  figures.slabs = planned.slabs;
  figures.variants = planned.variants;
  return figures;
}

NetworkProfile Runner::profile(const runtime::Shape& shape, const ProfiledRuns& runs) {
  return layers::profile(plan(shape), device_, runs);
}

std::string Runner::first_bad_layer(const runtime::Shape& shape) {
  return layers::first_bad_layer(plan(shape), device_);
}

}  // namespace pleura::layers
