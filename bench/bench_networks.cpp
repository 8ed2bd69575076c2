// Each network whole, with random weights at the paper's width: share of the machine's peak, fp32 and bf16.
#include "layers/inference.hpp"
#include "outcome.hpp"
#include "random.hpp"
#include "report.hpp"
#include "weights/random.hpp"

namespace pleura::bench {
namespace {

using runtime::DType;

constexpr std::int64_t side = 96;  // of the cube: what the peers are timed on too
constexpr std::int64_t images = 96;

void run_segmenter(benchmark::State& state, const char* architecture, DType activations) {
  const weights::Model model = weights::random_model({architecture, 1, {}, false});
  layers::SegmenterNetwork network(*model.segmenter, kernels::open_device("cpu", 0), {activations});
  const layers::HostTensor input{{1, side, side, side, 1}, noise(side * side * side)};
  require_output(state, network.run(input).values);
  for (auto _ : state) benchmark::DoNotOptimize(network.run(input));
  const layers::PlanFigures figures = network.figures({side, side, side});
  report_work(state, 2.0 * static_cast<double>(figures.macs), activations == DType::bf16);
  state.counters["arena_MB"] = static_cast<double>(figures.arena_bytes) * 1e-6;
}

void run_classifier(benchmark::State& state, DType activations) {
  const weights::Model model = weights::random_model({"classifier-m2", 1, {}, false});
  layers::ClassifierNetwork network(model.classifiers.at("m2"), kernels::open_device("cpu", 0), {activations});
  const layers::HostTensor patches{{images, 1, 60, 60, 3}, noise(images * 60 * 60 * 3)};
  const std::vector<float> distances = noise(images);
  require_output(state, network.run(patches, distances).values);
  for (auto _ : state) benchmark::DoNotOptimize(network.run(patches, distances));
  report_work(state, 2.0 * static_cast<double>(network.figures(images).macs), activations == DType::bf16);
}

}  // namespace
}  // namespace pleura::bench

int main(int argc, char** argv) {
  using namespace pleura;
  using runtime::DType;
  benchmark::Initialize(&argc, argv);
  for (const DType activations : {DType::f32, DType::bf16}) {
    const std::string type = activations == DType::f32 ? "/fp32" : "/bf16";
    for (const char* architecture : {"vnet-ir-rpn", "vnet-rpn", "vnet", "vnet-monai"})
      bench::repeated(
          benchmark::RegisterBenchmark((architecture + type).c_str(), bench::run_segmenter, architecture, activations));
    bench::repeated(benchmark::RegisterBenchmark(("classifier-m2" + type).c_str(), bench::run_classifier, activations));
  }
  benchmark::RunSpecifiedBenchmarks();
  return bench::failures() > 0;
}
