#pragma once
/// CUDA's error codes as pleura::Error.
#include <cuda_runtime_api.h>

namespace pleura::runtime::cuda {

/// Throws where a call of the CUDA runtime failed: Error(resources) for memory, device and driver, else
/// Error(internal). `what` names the call and, where there is one, the problem: "cudaMalloc of 4096 bytes".
void check(cudaError_t error, const char* what);

/// As check, for destructors: prints instead of throwing.
void report(cudaError_t error, const char* what) noexcept;

}  // namespace pleura::runtime::cuda
