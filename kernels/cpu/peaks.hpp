#pragma once
/// What this machine's CPU can do at most: benchmarks and profiles give every figure as a share of it.
#include "kernels/peaks.hpp"

namespace pleura::kernels::cpu {

enum class Resource { fp32, bf16, int8, memory };

/// Operations (a multiply-add is two) or bytes a second on this many threads: the best of several short runs. 0 where
/// the processor has no instruction for it. bf16 and int8 are the dot products of AVX-512; memory is y += s * x,
/// counted as 12 bytes an element, on two arrays that take so many bytes together.
[[nodiscard]] double measure_peak(Resource resource, int threads, std::int64_t bytes = kBytesForPeaks);

/// kernels/peaks.hpp on the device's threads.
[[nodiscard]] Peaks measure_peaks(runtime::Device& device, runtime::DType activations, std::int64_t bytes);

}  // namespace pleura::kernels::cpu
