// What a CT of another shape costs before its network runs: a plan, its weights being packed already; and the first
// plan, which packs them. On a device without memory, so that nothing but the host's work is timed.
#include <benchmark/benchmark.h>

#include <string>

#include "counting_device.hpp"
#include "layers/inference.hpp"
#include "weights/random.hpp"

namespace pleura::bench {
namespace {

using runtime::DType;

constexpr Index3 first_shape{160, 128, 160};

struct Planned {
  std::shared_ptr<CountingDevice> device = std::make_shared<CountingDevice>();
  layers::SegmenterNetwork network;

  Planned(const weights::Segmenter& segmenter, const kernels::Backend& backend, DType activations)
      : network(segmenter, {backend, device, {}}, {activations}) {}
};

weights::Segmenter random_segmenter(const char* architecture) {
  return *weights::random_model({architecture, 1, {}, false}).segmenter;
}

void plan_first(benchmark::State& state, const char* architecture, const kernels::Backend* backend, DType activations) {
  const weights::Segmenter segmenter = random_segmenter(architecture);
  for (auto _ : state) {
    state.PauseTiming();
    auto planned = std::make_unique<Planned>(segmenter, *backend, activations);
    state.ResumeTiming();
    benchmark::DoNotOptimize(planned->network.figures(first_shape));
    state.PauseTiming();
    state.counters["MB"] = static_cast<double>(planned->device->uploaded_bytes) * 1e-6;
    planned.reset();
    state.ResumeTiming();
  }
}

/// Shapes in turn, so that none is known any more when it comes again.
void plan_again(benchmark::State& state, const char* architecture, const kernels::Backend* backend, DType activations) {
  const Index3 shapes[] = {{160, 128, 176}, {144, 128, 160}, {176, 144, 176}};
  Planned planned(random_segmenter(architecture), *backend, activations);
  (void)planned.network.figures(first_shape);
  const std::int64_t uploaded = planned.device->uploaded_bytes;
  std::size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(planned.network.figures(shapes[next++ % 3]));
  state.counters["MB"] = static_cast<double>(planned.device->uploaded_bytes - uploaded) * 1e-6;
}

}  // namespace
}  // namespace pleura::bench

int main(int argc, char** argv) {
  using namespace pleura;
  benchmark::Initialize(&argc, argv);
  for (const kernels::Backend* backend : kernels::backends()) {
    if (std::string_view(backend->name) == "reference") continue;
    for (const char* architecture : {"vnet-ir-rpn", "vnet-rpn", "vnet"})
      for (const runtime::DType type : backend->activations) {
        const std::string name = std::string(architecture) + "/" + backend->name + "/" + runtime::name_of(type);
        const auto add = [&](const char* what, auto run) {
          return benchmark::RegisterBenchmark((name + what).c_str(), run, architecture, backend, type)
              ->Unit(benchmark::kMillisecond)
              ->UseRealTime();
        };
        add("/first", bench::plan_first)->Iterations(3);
        add("/again", bench::plan_again)->Iterations(9)->Repetitions(5)->ReportAggregatesOnly();
      }
  }
  benchmark::RunSpecifiedBenchmarks();
}
