#pragma once
/// What kernels on components share.
#include <cuda_runtime.h>

#include <cstdint>

#include "kernels/cuda/voxels/components.hpp"
#include "kernels/cuda/voxels/voxel_grid.cuh"

namespace pleura::kernels::cuda {

/// Calls visit(word index, mask) for each word of a run.
template <class Visit>
__device__ inline void for_each_word(const Run& run, const Visit& visit) {
  for (std::int64_t word = run.begin / 64; word * 64 < run.end; ++word)
    visit(word, span_mask(word, run.begin, run.end));
}

}  // namespace pleura::kernels::cuda
