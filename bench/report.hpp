#pragma once
/// What every benchmark reports beside its time.
#include <benchmark/benchmark.h>

#include "peak.hpp"

namespace pleura::bench {

/// GFLOP/s and the share of the machine's peak for that type, measured just before.
inline void report_work(benchmark::State& state, double flops, bool bf16) {
  const double best = peak(bf16 && peak(Resource::bf16) > 0 ? Resource::bf16 : Resource::fp32);
  state.counters["GFLOP/s"] = benchmark::Counter(flops * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["of_peak"] = benchmark::Counter(flops / best, benchmark::Counter::kIsIterationInvariantRate);
}

inline benchmark::internal::Benchmark* repeated(benchmark::internal::Benchmark* benchmark) {
  return benchmark->Unit(benchmark::kMillisecond)->UseRealTime()->MeasureProcessCPUTime()->Repetitions(3);
}

}  // namespace pleura::bench
