#include "layers/profile.hpp"

#include <algorithm>

#include "kernels/transfer.hpp"
#include "layers/noise.hpp"
#include "layers/planner.hpp"
#include "layers/summary.hpp"
#include "pleura/error.hpp"

namespace pleura::layers {
namespace {

using runtime::DType;

/// All but the times.
LayerProfile describe(const Network& network, const Layer& layer, DType activations) {
  const auto bytes_of = [&](const Value& value) {  // the network's output is in fp32
    const DType type = value.buffer == network.output.buffer ? DType::f32 : activations;
    return value.shape.elements() * runtime::size_of(type);
  };
  LayerProfile row;
  row.name = layer.name;
  row.kind = kind_of(layer);
  row.input = layer.input.shape;
  row.output = layer.output.shape;
  row.flops = 2 * macs(layer);
  if (layer.kind != LayerKind::pooling) {
    const kernels::Extent3& kernel = layer.kernel;
    row.weight_bytes = kernel[0] * kernel[1] * kernel[2] * row.input.c * row.output.c * runtime::size_of(activations);
    row.weight_bytes += row.output.c * runtime::size_of(DType::f32);  // bias
  }
  row.input_bytes = bytes_of(layer.input);
  row.output_bytes = bytes_of(layer.output);
  for (const Stage& stage : layer.stages) {
    if (stage.residual) row.input_bytes += bytes_of(*stage.residual);
    if (!stage.slopes.empty()) row.weight_bytes += row.output.c * runtime::size_of(DType::f32);
  }
  return row;
}

/// Each layer's seconds of a run.
void add_times(const std::vector<double>& ends, NetworkProfile& profile) {
  for (LayerProfile& layer : profile.layers) layer.seconds.push_back(0);
  double before = 0;
  for (std::size_t step = 0; step < ends.size(); ++step) {
    profile.layers[profile.steps[step]].seconds.back() += ends[step] - before;
    before = ends[step];
  }
}

}  // namespace

std::string first_bad_layer(PlannedNetwork& planned, const kernels::OpenDevice& device) {
  std::string bad;
  device.device->execute(planned.plan, [&](const runtime::Invocation& invocation, double /*seconds*/) {
    if (bad.empty() && !kernels::all_finite(device, invocation.output))
      bad = planned.network.layers[invocation.layer].name;
  });
  return bad;
}

NetworkProfile profile(PlannedNetwork& planned, const kernels::OpenDevice& device, const ProfiledRuns& runs) {
  using Marks = runtime::Device::Marks;
  runtime::Plan& plan = planned.plan;
  NetworkProfile profile;
  for (std::size_t i = 0; i < planned.network.layers.size(); ++i) {
    profile.layers.push_back(describe(planned.network, planned.network.layers[i], plan.inputs[0].desc.dtype));
    profile.layers.back().variant = planned.variants[i];
  }
  for (const runtime::Invocation& invocation : plan.invocations) {
    profile.steps.push_back(invocation.layer);
    ++profile.layers[invocation.layer].calls;
    profile.workspace_bytes = std::max(profile.workspace_bytes, invocation.step->workspace_bytes());
  }
  profile.slabs = planned.slabs;
  profile.arena_bytes = plan.arena.bytes();
  profile.weight_bytes = plan.weight_bytes;

  std::vector<std::vector<float>> values;
  if (!runs.fill)
    for (const runtime::TensorView& input : plan.inputs) values.push_back(noise(input.desc.shape.elements()));
  const auto fill = [&] {
    if (runs.fill) return runs.fill(plan.inputs);
    for (std::size_t i = 0; i < values.size(); ++i) kernels::copy_in(device, values[i].data(), plan.inputs[i]);
  };
  int ran = 0;
  const auto done = [&] {
    constexpr int warming_up = 3;
    ++ran;
    if (runs.done) runs.done(static_cast<double>(ran) / (warming_up + 2 * runs.count));
  };
  fill();
  profile.first_seconds = device.device->time(plan, Marks::end).back();
  done();
  fill();
  if (const std::string bad = first_bad_layer(planned, device); !bad.empty())
    throw Error(Status::weights_refused, "layer " + bad + " gives values that are not finite: no figures of it");
  done();
  fill();
  (void)device.device->time(plan, Marks::end);  // a GPU records its graph
  done();
  for (int run = 0; run < runs.count; ++run) {
    fill();
    profile.plain_seconds.push_back(device.device->time(plan, Marks::end).back());
    done();
    fill();
    const auto start = std::chrono::steady_clock::now();
    profile.passes.push_back({start, device.device->time(plan, Marks::each_step)});
    add_times(profile.passes.back().ends, profile);
    done();
  }
  return profile;
}

}  // namespace pleura::layers
