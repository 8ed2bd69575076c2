#pragma once
/// Elements of activations as kernels store them, and fp32 as they compute.
#include <cuda_fp16.h>
#include <cuda_runtime.h>

namespace pleura::kernels::cuda {

__device__ inline float to_float(float value) { return value; }
__device__ inline float to_float(__half value) { return __half2float(value); }

/// Rounded to nearest even.
template <class Element>
__device__ inline Element from_float(float value);
template <>
__device__ inline float from_float<float>(float value) {
  return value;
}
template <>
__device__ inline __half from_float<__half>(float value) {
  return __float2half_rn(value);
}

/// Elements that lie side by side, moved by as few instructions as their alignment lets.
template <class Element, int size>
struct alignas(sizeof(Element) * size < 16 ? sizeof(Element) * size : 16) Elements {
  Element values[size];
};

/// Loads from memory aligned to all of the elements or to 16 bytes, whichever is less.
template <class Element, int size>
__device__ inline void load(const Element* from, float (&values)[size]) {
  const auto elements = *reinterpret_cast<const Elements<Element, size>*>(from);
#pragma unroll
  for (int i = 0; i < size; ++i) values[i] = to_float(elements.values[i]);
}

/// Rounds, and stores to memory aligned as for load.
template <class Element, int size>
__device__ inline void store(Element* to, const float (&values)[size]) {
  Elements<Element, size> elements;
#pragma unroll
  for (int i = 0; i < size; ++i) elements.values[i] = from_float<Element>(values[i]);
  *reinterpret_cast<Elements<Element, size>*>(to) = elements;
}

}  // namespace pleura::kernels::cuda
