#pragma once
/// Generations of tensor cores as kernels tell them apart.
#include <cstdint>

namespace pleura::kernels::cuda {

/// turing: sm_75, matrices of depth 8, copies through registers. ampere: sm_80 and later, depth 16, cp.async.
enum class TensorCores : std::uint8_t { turing, ampere };

}  // namespace pleura::kernels::cuda
