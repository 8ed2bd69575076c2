#pragma once
/// What this machine can do at most: every figure of the benchmarks is given as a share of it.
#include <algorithm>
#include <array>

#include "kernels/cpu/peaks.hpp"
#include "runtime/parallel.hpp"

namespace pleura::bench {

using kernels::cpu::measure_peak;
using kernels::cpu::Resource;

/// The best that measure_peak has given in this process on all cores, measured once more.
[[nodiscard]] inline double peak(Resource resource) {
  static std::array<double, 4> best{};
  double& known = best.at(static_cast<std::size_t>(resource));
  return known = std::max(known, measure_peak(resource, resolve_threads(0)));
}

}  // namespace pleura::bench
