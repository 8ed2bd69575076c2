#pragma once
/// kernels/hu_counts.hpp on the device.
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

#include "kernels/hu_counts.hpp"

namespace pleura::kernels::cuda {

/// counts[0, HuCounts::size) become how often each HU occurs among the ones, *median their median.
void find_median(const std::int16_t* hu, const std::uint64_t* bits, const std::array<std::int64_t, 3>& shape,
                 unsigned long long* counts, HuMedian* median, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
