// Each stage of a screening, on a CT of the caller's: bench_stages CT WEIGHTS.h5... [--benchmark_...]
#include <iostream>

#include "pleura/pleura.hpp"
#include "report.hpp"

namespace pleura::bench {
namespace {

/// All stages of Engine::screen, as it times them itself, the CT decoded beforehand.
void screen(benchmark::State& state, const Volume& volume, const std::string& weights, Precision precision) {
  EngineOptions options;
  options.precision = precision;
  Engine engine(weights, options);
  ScreenOptions most;
  most.max_regions = 12;  // random weights else propose hundreds
  benchmark::DoNotOptimize(engine.screen(volume, most));
  std::vector<StageTime> sums;
  double networks = 0, all = 0, macs = 0, regions = 0;
  for (auto _ : state) {
    const Result result = engine.screen(volume, most).result;
    sums.resize(result.stages.size());
    for (std::size_t i = 0; i < sums.size(); ++i) {
      sums[i].name = result.stages[i].name;
      sums[i].seconds += result.stages[i].seconds;
      all += result.stages[i].seconds;
      if (sums[i].name == "segmenter" || sums[i].name == "classifier") networks += result.stages[i].seconds;
    }
    regions = static_cast<double>(result.regions.size());
    macs = static_cast<double>(result.run.network_macs);
  }
  for (const StageTime& stage : sums)
    state.counters[stage.name] = benchmark::Counter(stage.seconds, benchmark::Counter::kAvgIterations);
  state.counters["over_networks"] = all / networks;
  state.counters["regions"] = regions;
  state.counters["GMAC"] = macs * 1e-9;
  state.counters["of_peak"] =
      2 * macs * static_cast<double>(state.iterations()) / networks /
      peak(precision == Precision::bf16 && peak(Resource::bf16) > 0 ? Resource::bf16 : Resource::fp32);
}

void decode(benchmark::State& state, const std::string& ct) {
  for (auto _ : state) benchmark::DoNotOptimize(read_ct(ct));
}

}  // namespace
}  // namespace pleura::bench

int main(int argc, char** argv) {
  using namespace pleura;
  benchmark::Initialize(&argc, argv);
  if (argc < 3) {
    std::cerr << "usage: bench_stages CT WEIGHTS.h5... [--benchmark_...]\n";
    return 1;
  }
  const std::string ct = argv[1];
  const Volume volume = read_ct(ct);
  bench::repeated(benchmark::RegisterBenchmark("read", bench::decode, ct));
  for (int i = 2; i < argc; ++i)
    for (const Precision precision : {Precision::fp32, Precision::bf16}) {
      const std::filesystem::path weights = argv[i];
      const std::string name = "screen/" + weights.stem().string() + (precision == Precision::fp32 ? "/fp32" : "/bf16");
      bench::repeated(benchmark::RegisterBenchmark(name.c_str(), bench::screen, volume, weights.string(), precision));
    }
  benchmark::RunSpecifiedBenchmarks();
}
