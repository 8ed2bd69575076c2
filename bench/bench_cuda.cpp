// Each shape of layer by each variant of the CUDA backend that the GPU has, whole networks, and, of a CT of the
// caller's, what lies around them: bench_cuda [CT] [--benchmark_...]. Times of layers are the device's, by events; of
// networks, the caller's, copies in and out included.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "layers/inference.hpp"
#include "noise_weights.hpp"
#include "outcome.hpp"
#include "pleura/error.hpp"
#include "runtime/cuda/stream.hpp"
#include "volumes.hpp"
#include "weights/random.hpp"

namespace pleura::bench {
namespace {

/// What a benchmark runs on, made once for all its repetitions. Only the last one's is kept.
template <class T, class Make>
T& kept(const std::string& benchmark, const Make& make) {
  static std::string of;
  static std::unique_ptr<T> value;
  if (of != benchmark) {
    value.reset();
    value = make();
    of = benchmark;
  }
  return *value;
}

/// A tensor of noise: a million values, again and again.
runtime::Arena uploaded_noise(runtime::Device& device, const runtime::TensorDesc& desc) {
  const std::vector<char> block = noise_tensor(runtime::dense(desc.dtype, {1, 1, 1, 1 << 10, 1 << 10}));
  runtime::Arena memory = device.allocate(desc.bytes());
  for (std::int64_t at = 0; at < memory.bytes(); at += static_cast<std::int64_t>(block.size()))
    device.upload(memory.data() + at, block.data(),
                  std::min(memory.bytes() - at, static_cast<std::int64_t>(block.size())));
  return memory;
}

/// Activations read and written, each once.
std::int64_t bytes_of(const runtime::TensorDesc& desc) { return desc.shape.elements() * size_of(desc.dtype); }

/// One layer: its weights, ready for the device, and its tensors there.
template <class Operation>
struct Layer {
  kernels::OpenDevice cuda = kernels::open_device("cuda", 0);
  std::unique_ptr<kernels::WeightedStep> step;
  runtime::Arena weights, input, output, workspace;
  std::optional<runtime::Arena> residual;

  Layer(const Operation& op, const kernels::Variant<Operation, kernels::WeightedStep>& variant)
      : step(variant.make(op, *cuda.device)),
        weights(noise_weights(op, *step, *cuda.device)),
        input(uploaded_noise(*cuda.device, op.input)),
        output(uploaded_noise(*cuda.device, op.output)),
        workspace(cuda.device->allocate(step->workspace_bytes())) {
    if (const auto& desc = op.epilogue.stages[0].residual) residual = uploaded_noise(*cuda.device, *desc);
  }

  [[nodiscard]] runtime::Operands operands() const {
    runtime::Operands operands{input.data(), output.data(), {}, workspace.data(), weights.data()};
    if (residual) operands.residuals[0] = residual->data();
    return operands;
  }
};

template <class Operation>
void run_layer(benchmark::State& state, const std::string& name, const Operation& op,
               const kernels::Variant<Operation, kernels::WeightedStep>& variant) {
  const auto& layer = kept<Layer<Operation>>(name, [&] { return std::make_unique<Layer<Operation>>(op, variant); });
  const runtime::Operands operands = layer.operands();
  std::int64_t bytes = bytes_of(op.input) + bytes_of(op.output);
  if (const auto& desc = op.epilogue.stages[0].residual) bytes += bytes_of(*desc);
  const runtime::cuda::Stream queue;
  const runtime::Stream stream{1, queue.get()};
  runtime::cuda::Event start, end;
  layer.step->enqueue(operands, stream);
  end.record(queue.get());
  end.synchronize();
  std::vector<char> output(static_cast<std::size_t>(layer.output.bytes()));
  layer.cuda.device->download(output.data(), layer.output.data(), layer.output.bytes());
  require_output(state, runtime::TensorView{op.output, output.data()});
  for (auto _ : state) {
    start.record(queue.get());
    layer.step->enqueue(operands, stream);
    end.record(queue.get());
    end.synchronize();
    state.SetIterationTime(end.seconds_since(start));
  }
  using benchmark::Counter;
  const double flops = 2.0 * static_cast<double>(kernels::macs(op));
  state.counters["GFLOP/s"] = Counter(flops * 1e-9, Counter::kIsIterationInvariantRate);
  state.counters["GB/s"] = Counter(static_cast<double>(bytes) * 1e-9, Counter::kIsIterationInvariantRate);
  state.SetLabel(to_string(op));
}

/// Deep enough to fill a GPU: the finest stages' planes are cut down for CPUs.
LayerShape deepened(LayerShape layer) {
  if (layer.grid.d > 1) layer.grid.d *= 8;
  return layer;
}

template <class Operation, class Variants>
void add_layer(const LayerShape& layer, const Variants& variants, const runtime::Device& device) {
  for (const DType type : {DType::f32, DType::f16}) {
    const auto op = operation(deepened(layer), type, static_cast<const Operation*>(nullptr));
    for (const auto& variant : variants) {
      if (!variant.supports(op, device)) continue;
      const std::string name = std::string(layer.name) + "/" + name_of(type) + "/" + variant.name;
      benchmark::RegisterBenchmark(name.c_str(), run_layer<Operation>, name, op, variant)
          ->UseManualTime()
          ->Unit(benchmark::kMillisecond)
          ->Repetitions(3);
    }
  }
}

/// A network that has run until it is a graph.
struct Segmenter {
  Index3 shape{160, 128, 160};
  layers::HostTensor input{{1, shape[0], shape[1], shape[2], 1}, noise(shape[0] * shape[1] * shape[2])};
  layers::SegmenterNetwork network;

  Segmenter(const char* architecture, DType activations)
      : network(*weights::random_model({architecture, 1, {}, false}).segmenter, kernels::open_device("cuda", 0),
                {activations}) {
    for (int i = 0; i < 2; ++i) benchmark::DoNotOptimize(run());
  }
  layers::HostTensor run() { return network.run(input); }
};

struct Classifier {
  static constexpr std::int64_t images = layers::ClassifierNetwork::batch;
  layers::HostTensor patches{{images, 1, 60, 60, 3}, noise(images * 60 * 60 * 3)};
  std::vector<float> distances = noise(images);
  layers::ClassifierNetwork network;

  Classifier()
      : network(weights::random_model({"classifier-m2", 1, {}, false}).classifiers.at("m2"),
                kernels::open_device("cuda", 0)) {
    for (int i = 0; i < 2; ++i) benchmark::DoNotOptimize(run());
  }
  layers::HostTensor run() { return network.run(patches, distances); }
};

void run_segmenter(benchmark::State& state, const std::string& name, const char* architecture, DType activations) {
  auto& segmenter = kept<Segmenter>(name, [&] { return std::make_unique<Segmenter>(architecture, activations); });
  require_output(state, segmenter.run().values);
  for (auto _ : state) benchmark::DoNotOptimize(segmenter.run());
  state.counters["GFLOP/s"] =
      benchmark::Counter(2e-9 * static_cast<double>(segmenter.network.figures(segmenter.shape).macs),
                         benchmark::Counter::kIsIterationInvariantRate);
}

void run_classifier(benchmark::State& state, const std::string& name) {
  auto& classifier = kept<Classifier>(name, [] { return std::make_unique<Classifier>(); });
  require_output(state, classifier.run().values);
  for (auto _ : state) benchmark::DoNotOptimize(classifier.run());
}

template <class Run, class... Arguments>
void add_network(const std::string& name, Run run, Arguments... arguments) {
  benchmark::RegisterBenchmark(name.c_str(), run, name, arguments...)
      ->UseRealTime()
      ->Unit(benchmark::kMillisecond)
      ->Repetitions(5);
}

void add_all() {
  const kernels::OpenDevice cuda = kernels::open_device("cuda", 0);
  const kernels::Backend& backend = cuda.backend;
  for (const LayerShape& layer : convolutions) add_layer<Convolution>(layer, backend.convolutions, *cuda.device);
  for (const LayerShape& layer : deconvolutions) add_layer<Deconvolution>(layer, backend.deconvolutions, *cuda.device);
  for (const char* architecture : {"vnet", "vnet-rpn", "vnet-ir-rpn"}) {
    add_network(architecture + std::string("/fp32"), run_segmenter, architecture, DType::f32);
    add_network(architecture + std::string("/fp16"), run_segmenter, architecture, DType::f16);
  }
  add_network("classifier-m2/fp32", run_classifier);
}

}  // namespace
}  // namespace pleura::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  try {
    pleura::bench::add_all();
    if (argc > 1) pleura::bench::add_volumes(argv[1]);
    benchmark::RunSpecifiedBenchmarks();
  } catch (const pleura::Error& error) {
    std::fprintf(stderr, "bench_cuda: %s\n", error.what());
    return static_cast<int>(error.status());
  }
  return pleura::bench::failures() > 0;
}
