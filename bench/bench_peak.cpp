// The machine's peak on one thread and on all.
#include <benchmark/benchmark.h>

#include "peak.hpp"
#include "runtime/parallel.hpp"

namespace pleura::bench {
namespace {

void run(benchmark::State& state, Resource resource, int threads) {
  double best = 0;
  for (auto _ : state) best = std::max(best, measure_peak(resource, threads));
  state.counters[resource == Resource::memory ? "byte/s" : "op/s"] = best;
}

}  // namespace
}  // namespace pleura::bench

int main(int argc, char** argv) {
  using namespace pleura::bench;
  benchmark::Initialize(&argc, argv);
  constexpr std::pair<const char*, Resource> resources[] = {
      {"fp32", Resource::fp32}, {"bf16", Resource::bf16}, {"int8", Resource::int8}, {"memory", Resource::memory}};
  for (const auto& [name, resource] : resources)
    for (const int threads : {1, pleura::resolve_threads(0)})
      benchmark::RegisterBenchmark((std::string("peak/") + name + "/threads:" + std::to_string(threads)).c_str(), run,
                                   resource, threads)
          ->Iterations(3)
          ->Unit(benchmark::kMillisecond)
          ->UseRealTime();
  benchmark::RunSpecifiedBenchmarks();
}
