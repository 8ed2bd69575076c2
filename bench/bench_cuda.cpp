// Each shape of layer by each variant of the CUDA backend that the GPU has, and whole networks. Times of layers are the
// device's, by events; of networks, the caller's, copies in and out included.
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdio>

#include "kernels/cuda/device.hpp"
#include "layer_shapes.hpp"
#include "layers/inference.hpp"
#include "runtime/cuda/device_memory.hpp"
#include "runtime/cuda/stream.hpp"
#include "weights/random.hpp"

namespace pleura::bench {
namespace {

using runtime::cuda::DeviceMemory;

DeviceMemory uploaded(const std::vector<char>& bytes) {
  DeviceMemory memory(static_cast<std::int64_t>(bytes.size()));
  runtime::cuda::upload(memory.data(), bytes.data(), memory.bytes());
  return memory;
}

/// Activations read and written, each once.
std::int64_t bytes_of(const runtime::TensorDesc& desc) { return desc.shape.elements() * size_of(desc.dtype); }

template <class Operation>
void run_layer(benchmark::State& state, const Operation& op,
               const kernels::Variant<Operation, kernels::ConvolutionWeights>& variant) {
  const std::int64_t in = op.input.shape.c, out = op.output.shape.c;
  const auto kernel = noise(taps(op) * in * out, std::sqrt(6.0f / static_cast<float>(taps(op) * in)));
  const auto bias = noise(out, 0.1f), slopes = noise(out, 0.25f);
  const auto step = variant.make(op, {kernel, bias, {slopes, {}}});
  const DeviceMemory input = uploaded(noise_tensor(op.input)), output = uploaded(noise_tensor(op.output));
  const DeviceMemory workspace(step->workspace_bytes());
  runtime::Operands operands{input.data(), output.data(), {}, workspace.data()};
  DeviceMemory residual;
  std::int64_t bytes = bytes_of(op.input) + bytes_of(op.output);
  if (const auto& desc = op.epilogue.stages[0].residual) {
    residual = uploaded(noise_tensor(*desc));
    operands.residuals[0] = residual.data();
    bytes += bytes_of(*desc);
  }
  const runtime::cuda::Stream queue;
  const runtime::Stream stream{1, queue.get()};
  runtime::cuda::Event start, end;
  step->enqueue(operands, stream);
  for (auto _ : state) {
    start.record(queue.get());
    step->enqueue(operands, stream);
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

template <class Operation, class Variants>
void add_layer(const LayerShape& layer, const Variants& variants) {
  for (const DType type : {DType::f32, DType::f16}) {
    const auto op = operation(layer, type, static_cast<const Operation*>(nullptr));
    for (const auto& variant : variants) {
      if (!variant.supports(op)) continue;
      const std::string name = std::string(layer.name) + "/" + name_of(type) + "/" + variant.name;
      benchmark::RegisterBenchmark(name.c_str(), run_layer<Operation>, op, variant)
          ->UseManualTime()
          ->Unit(benchmark::kMillisecond)
          ->Repetitions(5);
    }
  }
}

EngineOptions on_cuda(Precision precision) {
  EngineOptions options;
  options.backend = Backend::cuda;
  options.precision = precision;
  return options;
}

void run_segmenter(benchmark::State& state, const char* architecture, Precision precision) {
  layers::SegmenterNetwork network(*weights::random_model({architecture, 1, {}, false}).segmenter, on_cuda(precision));
  const Index3 shape{160, 128, 160};
  const layers::HostTensor input{{1, shape[0], shape[1], shape[2], 1}, noise(shape[0] * shape[1] * shape[2])};
  benchmark::DoNotOptimize(network.run(input));
  benchmark::DoNotOptimize(network.run(input));  // from here on as a graph
  for (auto _ : state) benchmark::DoNotOptimize(network.run(input));
  state.counters["GFLOP/s"] = benchmark::Counter(2e-9 * static_cast<double>(network.figures(shape).macs),
                                                 benchmark::Counter::kIsIterationInvariantRate);
}

void run_classifier(benchmark::State& state, Precision precision) {
  constexpr std::int64_t images = layers::ClassifierNetwork::batch;
  layers::ClassifierNetwork network(weights::random_model({"classifier-m2", 1, {}, false}).classifiers.at("m2"),
                                    on_cuda(precision));
  const layers::HostTensor patches{{images, 1, 60, 60, 3}, noise(images * 60 * 60 * 3)};
  const std::vector<float> distances = noise(images);
  benchmark::DoNotOptimize(network.run(patches, distances));
  benchmark::DoNotOptimize(network.run(patches, distances));
  for (auto _ : state) benchmark::DoNotOptimize(network.run(patches, distances));
}

template <class Run, class... Arguments>
void add_network(const std::string& name, Run run, Arguments... arguments) {
  benchmark::RegisterBenchmark(name.c_str(), run, arguments...)
      ->UseRealTime()
      ->Unit(benchmark::kMillisecond)
      ->Repetitions(5);
}

void add_all() {
  const kernels::Backend& backend = kernels::cuda_backend();
  for (const LayerShape& layer : convolutions) add_layer<Convolution>(layer, backend.convolutions);
  for (const LayerShape& layer : deconvolutions) add_layer<Deconvolution>(layer, backend.deconvolutions);
  for (const Precision precision : {Precision::fp32, Precision::fp16}) {
    const std::string type = precision == Precision::fp32 ? "/fp32" : "/fp16";
    for (const char* architecture : {"vnet", "vnet-rpn", "vnet-ir-rpn"})
      add_network(architecture + type, run_segmenter, architecture, precision);
    add_network("classifier-m2" + type, run_classifier, precision);
  }
}

}  // namespace
}  // namespace pleura::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  try {
    pleura::bench::add_all();
    benchmark::RunSpecifiedBenchmarks();
  } catch (const pleura::Error& error) {
    std::fprintf(stderr, "bench_cuda: %s\n", error.what());
    return static_cast<int>(error.status());
  }
}
