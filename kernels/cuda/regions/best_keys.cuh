#pragma once
/// The smallest of many keys, sorted, by one block.
#include <cuda_runtime.h>

#include <cstdint>

#include "kernels/proposals.hpp"

namespace pleura::kernels::cuda {

/// What is best as the smallest number, above a place: no two are equal, and every way to sort them gives one order.
using Key = unsigned long long;
inline constexpr Key no_key = ~Key{0};

inline constexpr unsigned select_threads = 512;

/// In shared memory.
struct BestKeys {
  static constexpr int digits = 256;
  Key best[most_proposals];  ///< sorted
  std::int32_t histogram[digits];
  std::int32_t filled;
};

/// The rank-th smallest key, from 1. For all threads of a block.
__device__ inline Key find_rank(const Key* keys, std::int32_t count, std::int32_t rank, BestKeys& shared) {
  constexpr int digits = BestKeys::digits;
  Key prefix = 0;
  for (int shift = 56; shift >= 0; shift -= 8) {
    for (unsigned digit = threadIdx.x; digit < digits; digit += blockDim.x) shared.histogram[digit] = 0;
    __syncthreads();
    for (auto i = static_cast<std::int32_t>(threadIdx.x); i < count; i += static_cast<std::int32_t>(blockDim.x))
      if (keys[i] >> shift >> 8 == prefix) atomicAdd(shared.histogram + (keys[i] >> shift & (digits - 1)), 1);
    __syncthreads();
    int digit = 0;
    for (; rank > shared.histogram[digit]; ++digit) rank -= shared.histogram[digit];
    prefix = prefix << 8 | static_cast<Key>(digit);
    __syncthreads();
  }
  return prefix;
}

/// Sorts a power of two of keys in rising order. For all threads of a block.
__device__ inline void sort(Key* keys, unsigned size) {
  for (unsigned length = 2; length <= size; length *= 2)
    for (unsigned step = length / 2; step > 0; step /= 2) {
      __syncthreads();
      for (unsigned i = threadIdx.x; i < size / 2; i += blockDim.x) {
        const unsigned low = i / step * step * 2 + i % step, high = low + step;
        const Key a = keys[low], b = keys[high];
        if ((a > b) != ((low & length) != 0)) {
          keys[low] = b;
          keys[high] = a;
        }
      }
    }
  __syncthreads();
}

/// shared.best becomes the `kept` smallest of keys[0, count), of which at least so many are not no_key.
/// For all threads of a block.
__device__ inline void take_best(const Key* keys, std::int32_t count, std::int32_t kept, BestKeys& shared) {
  unsigned size = 1;
  while (size < static_cast<unsigned>(kept)) size *= 2;
  const Key last = count > kept ? find_rank(keys, count, kept, shared) : no_key - 1;
  if (threadIdx.x == 0) shared.filled = 0;
  for (unsigned i = threadIdx.x; i < size; i += blockDim.x) shared.best[i] = no_key;
  __syncthreads();
  for (auto i = static_cast<std::int32_t>(threadIdx.x); i < count; i += static_cast<std::int32_t>(blockDim.x))
    if (keys[i] <= last) shared.best[atomicAdd(&shared.filled, 1)] = keys[i];
  sort(shared.best, size);
}

}  // namespace pleura::kernels::cuda
