#pragma once
/// CUDA's error codes as pleura::Error.
#include <cuda_runtime_api.h>

namespace pleura::runtime::cuda {

/// Throws where a call of the CUDA runtime failed: OutOfMemory, Error(resources) for device and driver, also where the
/// device was lost, else Error(internal): "cuda:0: cudaMalloc of 4096 bytes: out of memory". The device is the calling
/// thread's current one; `what` names the call and, where there is one, the problem. No error is left for the host
/// program's own calls, except that of a device that is lost.
void check(cudaError_t error, const char* what);

/// As check, for destructors. Prints where the call was wrong; what the machine lacks is left to calls that can throw.
void report(cudaError_t error, const char* what) noexcept;

}  // namespace pleura::runtime::cuda
