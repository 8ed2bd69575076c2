#pragma once
/// kernels/slice_figures.hpp on the device.
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

#include "kernels/slice_figures.hpp"

namespace pleura::kernels::cuda {

/// `slices` has one value a slice.
void measure_slices(const std::uint64_t* bits, SliceFigures* slices, const std::array<std::int64_t, 3>& shape,
                    cudaStream_t stream);

}  // namespace pleura::kernels::cuda
