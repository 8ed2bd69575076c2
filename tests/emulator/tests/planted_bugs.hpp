#pragma once
/// One bug each, that the emulator or the sanitizer of the build must catch.
#include "cuda_runtime.h"

namespace planted {

void missing_barrier(float* out);            ///< thread t reads what thread t - 1 wrote, no __syncthreads between
void missing_syncwarp(float* out);           ///< the same inside one warp, no __syncwarp
void shared_overflow(float* out, int past);  ///< writes past the end of a __shared__ array
void dynamic_shared_overflow(float* out, int past);
void global_overflow(float* out, int n);  ///< writes element n of n
void misaligned_vector(float* out);       ///< reads a float4 one float off
void divergent_barrier(float* out);       ///< half of the threads wait at one barrier, half at another
void barrier_skipped(float* out);         ///< one warp waits at a barrier, one for a lane that is not coming
void async_copy_without_wait(const float* in, float* out);
void shuffle_inactive(float* out);       ///< reads a lane outside the mask
void shuffle_exited(float* out);         ///< names a lane that has returned
void race_between_blocks(float* out);    ///< every block writes the same element
void unwritten_shared(float* out);       ///< reads shared memory nobody wrote
void mixed_warp_operations(float* out);  ///< half a warp shuffles while half votes

}  // namespace planted
