#pragma once
/// kernels/peaks.hpp on a GPU, and the kernels that do it.
#include <cuda_runtime_api.h>

#include "kernels/cuda/network/tensor_cores.hpp"
#include "kernels/peaks.hpp"

namespace pleura::kernels::cuda {

/// In fp16 that of the tensor cores through mma.sync, which is the instruction of our kernels, where the GPU has them,
/// else that of FMAs in fp32, in which fp16 is summed there.
[[nodiscard]] Peaks measure_peaks(runtime::Device& device, runtime::DType activations, std::int64_t bytes);

/// Each thread of the grid runs `rounds` rounds, and writes one sum, so that none is idle work. Returns the operations.
double run_fma_loop(float* sums, int blocks, int rounds, cudaStream_t stream);
/// The same by tensor cores of that generation, which the GPU has.
double run_mma_loop(TensorCores cores, float* sums, int blocks, int rounds, cudaStream_t stream);

/// Threads of a block of either.
constexpr int peak_threads = 256;

/// y += s * x; count is a multiple of 4, both aligned to 16 bytes. Returns the bytes read and written.
double run_triad(float* y, const float* x, std::int64_t count, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
