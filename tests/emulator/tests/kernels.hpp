#pragma once
/// Small kernels that are right, and how the tests call them: the emulator must give their results.
#include "cuda_runtime.h"

namespace sample {

/// c = a * b, row-major, m x k times k x n, by shared-memory tiles.
cudaError_t multiply(const float* a, const float* b, float* c, int m, int n, int k, cudaStream_t stream);
/// The same in half precision, b given as n x k; m a multiple of 16, n of 8, k of 16: mma.sync, ldmatrix, cp.async.
cudaError_t multiply_half(const void* a, const void* b, float* c, int m, int n, int k, cudaStream_t stream);
/// Sum of n values: warp shuffles, then shared memory.
cudaError_t sum(const float* values, float* result, int n, cudaStream_t stream);
/// y[i] = factor * x[i] + y[i]
cudaError_t axpy(float factor, const float* x, float* y, long long n, cudaStream_t stream);
/// Reverses each run of block-size values through dynamic shared memory.
cudaError_t reverse_runs(float* values, int runs, int length, cudaStream_t stream);
/// counts[v] += occurrences of v, by atomics.
cudaError_t histogram(const int* values, int n, int* counts, cudaStream_t stream);
/// out[i] = dot product of the four signed bytes of a[i] and b[i].
cudaError_t dot4(const int* a, const int* b, int* out, int n, cudaStream_t stream);

}  // namespace sample
