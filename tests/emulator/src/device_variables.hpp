#pragma once
/// threadIdx and its kin, one set for each OS thread: switching fibers changes threadIdx.
#include "../include/vector_types.h"
#include "block.hpp"

inline thread_local constinit uint3 threadIdx{0, 0, 0};
inline thread_local constinit uint3 blockIdx{0, 0, 0};
inline thread_local constinit dim3 blockDim{1, 1, 1};
inline thread_local constinit dim3 gridDim{1, 1, 1};

namespace emulator {

inline void set_thread_index(Dim thread) { threadIdx = {thread.x, thread.y, thread.z}; }

inline void set_device_variables(Dim grid, Dim block, Dim block_index) {
  gridDim = dim3(grid.x, grid.y, grid.z);
  blockDim = dim3(block.x, block.y, block.z);
  blockIdx = {block_index.x, block_index.y, block_index.z};
}

}  // namespace emulator
