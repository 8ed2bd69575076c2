#include "layers/inference.hpp"

#include <algorithm>

#include "kernels/transfer.hpp"
#include "layers/runner.hpp"
#include "pleura/error.hpp"

namespace pleura::layers {
namespace {

using runtime::Shape;

std::int64_t elements(const std::array<std::int64_t, 5>& s) { return s[0] * s[1] * s[2] * s[3] * s[4]; }

void require(bool condition, const std::string& found, const std::string& expected) {
  if (!condition) throw Error(Status::usage, found + ": expected " + expected);
}

std::string text_of(const std::array<std::int64_t, 5>& s) {
  return to_string(Shape{s[0], s[1], s[2], s[3], s[4]}) + " (n, z, y, x, channels)";
}

Shape volume(const Index3& shape) {
  require(std::ranges::all_of(shape, [](std::int64_t size) { return size > 0 && size % 16 == 0; }),
          "segmenter input " + text_of({1, shape[0], shape[1], shape[2], 1}), "sizes that are multiples of 16");
  return {1, shape[0], shape[1], shape[2], 1};
}

HostTensor to_host(const kernels::OpenDevice& device, const runtime::TensorView& tensor) {
  const Shape& s = tensor.desc.shape;
  HostTensor host{{s.n, s.d, s.h, s.w, s.c}, std::vector<float>(s.elements())};
  kernels::copy_out(device, tensor, host.values.data());
  return host;
}

}  // namespace

struct SegmenterNetwork::State {
  Runner runner;

  /// Into the input of its shape, which it returns.
  Index3 put(const HostTensor& input) {
    const auto& s = input.shape;
    require(s[0] == 1 && s[4] == 1 && static_cast<std::int64_t>(input.values.size()) == elements(s),
            "segmenter input " + text_of(s) + " with " + std::to_string(input.values.size()) + " values",
            "one volume of one channel");
    const Index3 shape{s[1], s[2], s[3]};
    kernels::copy_in(runner.device(), input.values.data(), runner.plan(volume(shape)).plan.inputs[0]);
    return shape;
  }
};

SegmenterNetwork::SegmenterNetwork(weights::Segmenter segmenter, const kernels::OpenDevice& device,
                                   const Options& options)
    : state_(new State{Runner([hyper = segmenter.hyper](const Shape& input) { return build_vnet(hyper, input); },
                              volume({16, 16, 16}), std::move(segmenter.tensors), device, options)}) {}

SegmenterNetwork::~SegmenterNetwork() = default;
SegmenterNetwork::SegmenterNetwork(SegmenterNetwork&&) noexcept = default;
SegmenterNetwork& SegmenterNetwork::operator=(SegmenterNetwork&&) noexcept = default;

runtime::TensorView SegmenterNetwork::input(const Index3& shape) {
  return state_->runner.plan(volume(shape)).plan.inputs[0];
}

runtime::TensorView SegmenterNetwork::run(const Index3& shape, const std::function<void(double)>& done) {
  return state_->runner.run(volume(shape), done);
}

HostTensor SegmenterNetwork::run(const HostTensor& input) {
  return to_host(state_->runner.device(), run(state_->put(input)));
}

void SegmenterNetwork::give_up_plans() { state_->runner.give_up_plans(); }

void SegmenterNetwork::bound_memory(std::uint64_t bytes) { state_->runner.bound_memory(bytes); }

std::uint64_t SegmenterNetwork::held_bytes() const { return state_->runner.held_bytes(); }

PlanFigures SegmenterNetwork::figures(const Index3& shape) { return state_->runner.figures(volume(shape)); }

NetworkProfile SegmenterNetwork::profile(const Index3& shape, const ProfiledRuns& runs) {
  return state_->runner.profile(volume(shape), runs);
}

std::string SegmenterNetwork::first_bad_layer(const Index3& shape) {
  return state_->runner.first_bad_layer(volume(shape));
}

std::string SegmenterNetwork::first_bad_layer(const HostTensor& input) { return first_bad_layer(state_->put(input)); }

struct ClassifierNetwork::State {
  weights::ClassifierHyper hyper;
  Runner runner;

  [[nodiscard]] Shape batch_shape() const { return {batch, 1, hyper.pixels, hyper.pixels, 3}; }

  /// Of the pass that so many patches, or the first of them, go through. With cuDNN always the same, whose size may
  /// decide about an image's bits.
  [[nodiscard]] Shape pass_shape(std::int64_t patches) const {
    Shape shape = batch_shape();
    if (patches > batch && runner.kernels() != Kernels::cudnn && !runner.device().device->is_host())
      shape.n = gpu_batch;
    return shape;
  }
};

namespace {

/// Milliseconds are all that less could save here, and its logits would miss the bound of fp16 (docs/performance.md).
Options in_fp32(Options options) {
  options.activations = runtime::DType::f32;
  return options;
}

}  // namespace

ClassifierNetwork::ClassifierNetwork(weights::Classifier classifier, const kernels::OpenDevice& device,
                                     const Options& options)
    : state_(new State{classifier.hyper, Runner([hyper = classifier.hyper](
                                                    const Shape& input) { return build_classifier(hyper, input.n); },
                                                {}, std::move(classifier.tensors), device, in_fp32(options))}) {}

ClassifierNetwork::~ClassifierNetwork() = default;
ClassifierNetwork::ClassifierNetwork(ClassifierNetwork&&) noexcept = default;
ClassifierNetwork& ClassifierNetwork::operator=(ClassifierNetwork&&) noexcept = default;

HostTensor ClassifierNetwork::run(std::int64_t count, const Fill& fill, const std::vector<float>& distances) {
  const std::int64_t expected = state_->hyper.uses_distance ? count : 0;
  require(static_cast<std::int64_t>(distances.size()) == expected,
          "classifier input of " + std::to_string(distances.size()) + " distances", std::to_string(expected));
  const kernels::OpenDevice& device = state_->runner.device();
  HostTensor logits{{count, 1, 1, 1, 3}, {}};
  logits.values.reserve(count * 3);
  std::int64_t now = 0;
  for (std::int64_t first = 0; first < count; first += now) {
    const Shape shape = state_->pass_shape(count - first);
    now = std::min(shape.n, count - first);
    const std::vector<runtime::TensorView>& inputs = state_->runner.plan(shape).plan.inputs;
    fill(first, inputs[0]);
    if (expected > 0) {
      std::vector<float> edges(shape.n);
      std::copy_n(distances.begin() + first, now, edges.begin());
      kernels::copy_in(device, edges.data(), inputs[1]);
    }
    const HostTensor results = to_host(device, state_->runner.run(shape));
    logits.values.insert(logits.values.end(), results.values.begin(), results.values.begin() + now * 3);
  }
  return logits;
}

HostTensor ClassifierNetwork::run(const HostTensor& patches, const std::vector<float>& distances) {
  const Shape shape = state_->batch_shape();
  const auto& s = patches.shape;
  const std::int64_t count = s[0], size = shape.h * shape.w * shape.c;
  require(count >= 0 && s[1] == 1 && s[2] == shape.h && s[3] == shape.w && s[4] == shape.c &&
              static_cast<std::int64_t>(patches.values.size()) == count * size,
          "classifier input " + text_of(s) + " with " + std::to_string(patches.values.size()) + " values",
          "patches of " + to_string(Shape{1, 1, shape.h, shape.w, shape.c}));
  const auto fill = [&](std::int64_t first, const runtime::TensorView& tensor) {
    std::vector<float> images(tensor.desc.shape.n * size);
    std::copy_n(patches.values.begin() + first * size, std::min(tensor.desc.shape.n, count - first) * size,
                images.begin());
    kernels::copy_in(state_->runner.device(), images.data(), tensor);
  };
  return run(count, fill, distances);
}

PlanFigures ClassifierNetwork::figures(std::int64_t patches) {
  const Shape shape = state_->pass_shape(patches);
  PlanFigures figures = state_->runner.figures(shape);
  figures.macs = figures.macs / shape.n * patches;
  return figures;
}

NetworkProfile ClassifierNetwork::profile(std::int64_t patches, const ProfiledRuns& runs) {
  return state_->runner.profile(state_->pass_shape(patches), runs);
}

}  // namespace pleura::layers
