#pragma once
/// kernels/edge_distance.hpp on the device: the same bits.
#include <cuda_runtime_api.h>

#include "kernels/edge_distance.hpp"

namespace pleura::kernels::cuda {

/// distances[i] becomes that of points[i]; `count` is above 0.
void distances_from_edge(const std::uint8_t* mask, const Index3& shape, const std::array<double, 2>& spacing_mm,
                         const EdgePoint* points, std::int64_t count, double* distances, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
