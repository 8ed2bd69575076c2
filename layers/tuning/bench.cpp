#include "layers/tuning/bench.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "kernels/transfer.hpp"
#include "layers/noise.hpp"
#include "runtime/plan.hpp"
#include "runtime/round_up.hpp"

namespace pleura::layers {
namespace {

using runtime::TensorDesc;

std::int64_t aligned(std::int64_t bytes) { return runtime::round_up(bytes, 256); }

void add_epilogue(const kernels::Epilogue& epilogue, BenchShapes& shapes) {
  for (std::size_t i = 0; i < epilogue.stages.size(); ++i) {
    shapes.residuals[i] = epilogue.stages[i].residual;
    shapes.slopes[i] = epilogue.stages[i].activation == kernels::Activation::prelu;
  }
}

std::int64_t product(const kernels::Extent3& extent) { return extent[0] * extent[1] * extent[2]; }

/// Of the device alone.
std::int64_t device_bytes(const BenchShapes& shapes) {
  std::int64_t bytes = aligned(shapes.input.bytes()) + aligned(shapes.output.bytes());
  for (const auto& residual : shapes.residuals)
    if (residual) bytes += aligned(residual->bytes());
  return bytes;
}

}  // namespace

BenchShapes::BenchShapes(const kernels::Convolution& operation)
    : input(operation.input), output(operation.output), taps(product(operation.kernel)) {
  add_epilogue(operation.epilogue, *this);
}

BenchShapes::BenchShapes(const kernels::Deconvolution& operation)
    : input(operation.input), output(operation.output), taps(product(operation.stride)) {
  add_epilogue(operation.epilogue, *this);
}

BenchShapes::BenchShapes(const kernels::Pooling& operation) : input(operation.input), output(operation.output) {}

std::int64_t BenchShapes::bytes() const {
  // Noise before it is rounded or packed: of one tensor at a time, and of the weights.
  const std::int64_t most = std::max(input.shape.elements(), output.shape.elements());
  const std::int64_t weights = input.shape.c * output.shape.c * taps;
  return device_bytes(*this) + (most + 2 * weights) * static_cast<std::int64_t>(sizeof(float));
}

LayerBench::LayerBench(const kernels::OpenDevice& device, const BenchShapes& shapes)
    : device_(device), shapes_(shapes), memory_(device.device->allocate(device_bytes(shapes))) {
  std::byte* next = memory_.data();
  const auto place = [&](const TensorDesc& desc) { return std::exchange(next, next + aligned(desc.bytes())); };
  const auto noisy = [&](const TensorDesc& desc) {
    std::byte* const at = place(desc);
    kernels::copy_in(device_, noise(desc.shape.elements()).data(), {desc, at});
    return at;
  };
  operands_.input = noisy(shapes_.input);
  operands_.output = place(shapes_.output);
  for (std::size_t i = 0; i < shapes_.residuals.size(); ++i)
    if (shapes_.residuals[i]) operands_.residuals[i] = noisy(*shapes_.residuals[i]);
}

runtime::Arena LayerBench::packed(const kernels::WeightedStep& step) const {
  const std::int64_t in = shapes_.input.shape.c, out = shapes_.output.shape.c;
  std::vector<float> kernel = noise(in * out * shapes_.taps), bias = noise(out);
  const std::vector<float> slopes(static_cast<std::size_t>(out), 0.25F);
  const float scale = 1 / std::sqrt(static_cast<float>(in * shapes_.taps));  // outputs as large as inputs
  for (float& weight : kernel) weight *= scale;
  kernels::ConvolutionWeights weights{kernel, bias, {}};
  for (std::size_t i = 0; i < shapes_.slopes.size(); ++i)
    if (shapes_.slopes[i]) weights.slopes[i] = slopes;

  runtime::Device& device = *device_.device;
  const std::int64_t bytes = step.form().bytes;
  runtime::Arena there = device.allocate(bytes);
  std::optional<runtime::Arena> staged;
  if (!device.is_host()) staged.emplace(bytes);
  std::byte* const host = staged ? staged->data() : there.data();
  std::memset(host, 0, static_cast<std::size_t>(bytes));
  step.pack(weights, host);
  if (staged) device.upload(there.data(), host, bytes);
  return there;
}

double LayerBench::seconds(std::shared_ptr<const runtime::Step> step, const kernels::WeightedStep* weighted,
                           double bound) {
  constexpr std::size_t least_runs = 5, most_runs = 25;
  constexpr double enough = 10e-3;  // seconds, of runs that are short
  runtime::Device& device = *device_.device;
  std::optional<runtime::Arena> weights;
  if (weighted) weights.emplace(packed(*weighted));
  runtime::Plan plan{device.allocate(step->workspace_bytes()), {}, {}, {}, 0, {}};
  runtime::Invocation& invocation = plan.invocations.emplace_back();
  invocation.operands = operands_;
  invocation.operands.workspace = plan.arena.data();
  if (weights) invocation.operands.weights = weights->data();
  invocation.output = {shapes_.output, operands_.output};
  invocation.step = std::move(step);

  const auto run = [&] { return device.time(plan, runtime::Device::Marks::end).back(); };
  (void)run();
  if (const double warm = run(); warm > bound) return warm;  // a GPU recorded its graph in it
  std::vector<double> times;
  for (double sum = 0; times.size() < least_runs || (times.size() < most_runs && sum < enough); sum += times.back())
    times.push_back(run());
  const auto middle = times.begin() + std::ssize(times) / 2;
  std::ranges::nth_element(times, middle);
  return *middle;
}

}  // namespace pleura::layers
