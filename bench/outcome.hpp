#pragma once
/// A benchmark whose output is not finite, or all zeros, is an error and no row.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/conversion.hpp"
#include "runtime/tensor.hpp"

namespace pleura::bench {

/// How many benchmarks failed: the program's exit code tells.
inline int& failures() {
  static int count = 0;
  return count;
}

/// Ends a benchmark as failed where what it computed is no result.
inline void require_output(benchmark::State& state, const std::vector<float>& output) {
  const bool finite = std::ranges::all_of(output, [](float value) { return std::isfinite(value); });
  const bool zeros = std::ranges::all_of(output, [](float value) { return value == 0; });
  if (finite && !zeros) return;
  ++failures();
  state.SkipWithError(finite ? "the output is all zeros" : "the output is not finite");
}

/// The same of a tensor in the host's memory.
inline void require_output(benchmark::State& state, const runtime::TensorView& output) {
  std::vector<float> values(static_cast<std::size_t>(output.desc.shape.elements()));
  kernels::reference::convert(output.data, values.data(), {output.desc, dense(runtime::DType::f32, output.desc.shape)});
  require_output(state, values);
}

}  // namespace pleura::bench
