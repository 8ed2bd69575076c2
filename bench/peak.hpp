#pragma once
/// What this machine can do at most: every figure of the benchmarks is given as a share of it.

namespace pleura::bench {

enum class Resource { fp32, bf16, int8, memory };

/// Operations (a multiply-add is two) or bytes a second on this many threads: the best of several short runs. 0 where
/// the processor has no instruction for it. bf16 and int8 are the dot products of AVX-512; memory is y += x, counted as
/// 12 bytes an element.
[[nodiscard]] double measure_peak(Resource resource, int threads);

/// The best that measure_peak has given in this process, measured once more.
[[nodiscard]] double peak(Resource resource);

}  // namespace pleura::bench
