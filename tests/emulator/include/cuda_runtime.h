#pragma once
/// CUDA C++ for the emulated build: qualifiers, built-in variables, barriers, warp functions, atomics, integer and
/// float intrinsics.
#include <cassert>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <source_location>

#include "../src/block.hpp"
#include "../src/device_variables.hpp"
#include "cuda_runtime_api.h"

#define __global__
#define __device__
#define __host__
#define __constant__
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))
#define __grid_constant__

inline constexpr int warpSize = 32;

// ---- barriers -----------------------------------------------------------------------------------------------------

inline void __syncthreads(std::source_location where = std::source_location::current()) {
  emulator::block_barrier(where);
}
inline int __syncthreads_count(int predicate, std::source_location where = std::source_location::current()) {
  return emulator::block_barrier_sum(predicate != 0, where);
}
inline int __syncthreads_or(int predicate, std::source_location where = std::source_location::current()) {
  return emulator::block_barrier_sum(predicate != 0, where) != 0;
}
inline int __syncthreads_and(int predicate, std::source_location where = std::source_location::current()) {
  return emulator::block_barrier_sum(predicate == 0, where) == 0;
}
inline void __syncwarp(unsigned mask = 0xffffffffU) { emulator::meet_warp(mask, "__syncwarp", nullptr, 0); }
inline void __threadfence() {}
inline void __threadfence_block() {}

// ---- warp functions -----------------------------------------------------------------------------------------------

namespace emulator {

/// What lane `source` brought; ends the process where that lane takes no part.
template <class T>
T shuffle(unsigned mask, T value, unsigned source, const char* operation) {
  static_assert(sizeof(T) <= 8);
  const Slots& slots = meet_warp(mask, operation, &value, sizeof value);
  if (!(mask >> source & 1)) shuffle_from_inactive_lane(operation, source, mask);
  T result;
  std::memcpy(&result, slots.lane[source], sizeof result);
  return result;
}

template <class T, class Combine>
T reduce(unsigned mask, T value, const char* operation, Combine combine) {
  const Slots& slots = meet_warp(mask, operation, &value, sizeof value);
  bool first = true;
  T total{};
  for (unsigned other = 0; other < 32; ++other) {
    if (!(mask >> other & 1)) continue;
    T theirs;
    std::memcpy(&theirs, slots.lane[other], sizeof theirs);
    total = first ? theirs : combine(total, theirs);
    first = false;
  }
  return total;
}

}  // namespace emulator

template <class T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32) {
  const unsigned me = emulator::lane(), segment = me & ~(static_cast<unsigned>(width) - 1);
  return emulator::shuffle(mask, value, segment + (static_cast<unsigned>(source) & (static_cast<unsigned>(width) - 1)),
                           "__shfl_sync");
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int lane_mask, int width = 32) {
  const unsigned me = emulator::lane(), source = me ^ static_cast<unsigned>(lane_mask);
  const bool inside = source / static_cast<unsigned>(width) <= me / static_cast<unsigned>(width);
  return emulator::shuffle(mask, value, inside ? source : me, "__shfl_xor_sync");
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32) {
  const unsigned me = emulator::lane(), w = static_cast<unsigned>(width);
  return emulator::shuffle(mask, value, me % w + delta < w ? me + delta : me, "__shfl_down_sync");
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32) {
  const unsigned me = emulator::lane(), w = static_cast<unsigned>(width);
  return emulator::shuffle(mask, value, me % w >= delta ? me - delta : me, "__shfl_up_sync");
}
inline unsigned __ballot_sync(unsigned mask, int predicate) {
  const unsigned mine = predicate ? 1U << emulator::lane() : 0;
  return emulator::reduce(mask, mine, "__ballot_sync", [](unsigned a, unsigned b) { return a | b; });
}
inline int __any_sync(unsigned mask, int predicate) {
  return emulator::reduce(mask, predicate != 0 ? 1 : 0, "__any_sync", [](int a, int b) { return a | b; });
}
inline int __all_sync(unsigned mask, int predicate) {
  return emulator::reduce(mask, predicate != 0 ? 1 : 0, "__all_sync", [](int a, int b) { return a & b; });
}
template <class T>
T __reduce_add_sync(unsigned mask, T value) {
  return emulator::reduce(mask, value, "__reduce_add_sync", [](T a, T b) { return a + b; });
}
template <class T>
T __reduce_min_sync(unsigned mask, T value) {
  return emulator::reduce(mask, value, "__reduce_min_sync", [](T a, T b) { return a < b ? a : b; });
}
template <class T>
T __reduce_max_sync(unsigned mask, T value) {
  return emulator::reduce(mask, value, "__reduce_max_sync", [](T a, T b) { return a > b ? a : b; });
}
inline unsigned __activemask() { return emulator::active_lanes(); }

// ---- memory -------------------------------------------------------------------------------------------------------

template <class T>
T __ldg(const T* address) {
  return *address;
}
template <class T>
T __ldcs(const T* address) {
  return *address;
}
template <class T>
T __ldcg(const T* address) {
  return *address;
}
template <class T>
void __stcs(T* address, T value) {
  *address = value;
}
template <class T>
void __stcg(T* address, T value) {
  *address = value;
}

template <class T>
T atomicExch(T* address, T value) {
  return __atomic_exchange_n(address, value, __ATOMIC_RELAXED);
}
template <class T>
T atomicCAS(T* address, T compare, T value) {
  __atomic_compare_exchange_n(address, &compare, value, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
  return compare;
}

namespace emulator {

template <class T, class Update>
T atomic_update(T* address, Update update) {
  T old;
  __atomic_load(address, &old, __ATOMIC_RELAXED);
  for (;;) {
    T updated = update(old);
    if (__atomic_compare_exchange(address, &old, &updated, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) return old;
  }
}

}  // namespace emulator

template <class T>
T atomicAdd(T* address, std::type_identity_t<T> value) {
  return emulator::atomic_update(address, [=](T old) { return static_cast<T>(old + value); });
}
template <class T>
T atomicSub(T* address, std::type_identity_t<T> value) {
  return emulator::atomic_update(address, [=](T old) { return static_cast<T>(old - value); });
}
template <class T>
T atomicMin(T* address, std::type_identity_t<T> value) {
  return emulator::atomic_update(address, [=](T old) { return old < value ? old : value; });
}
template <class T>
T atomicMax(T* address, std::type_identity_t<T> value) {
  return emulator::atomic_update(address, [=](T old) { return old > value ? old : value; });
}
template <class T>
T atomicAnd(T* address, std::type_identity_t<T> value) {
  return __atomic_fetch_and(address, value, __ATOMIC_RELAXED);
}
template <class T>
T atomicOr(T* address, std::type_identity_t<T> value) {
  return __atomic_fetch_or(address, value, __ATOMIC_RELAXED);
}

// ---- integer and float intrinsics ---------------------------------------------------------------------------------

inline int __popc(unsigned value) { return __builtin_popcount(value); }
inline int __popcll(unsigned long long value) { return __builtin_popcountll(value); }
inline int __clz(int value) { return value == 0 ? 32 : __builtin_clz(static_cast<unsigned>(value)); }
inline int __ffs(int value) { return __builtin_ffs(value); }
inline int __float_as_int(float value) { return __builtin_bit_cast(int, value); }
inline unsigned __float_as_uint(float value) { return __builtin_bit_cast(unsigned, value); }
inline float __int_as_float(int value) { return __builtin_bit_cast(float, value); }
inline float __uint_as_float(unsigned value) { return __builtin_bit_cast(float, value); }
inline int __float2int_rn(float value) { return static_cast<int>(std::nearbyint(value)); }
inline float __expf(float value) { return std::exp(value); }
inline float __fdividef(float a, float b) { return a / b; }
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fadd_rn(float a, float b) { return a + b; }
inline double __dmul_rn(double a, double b) { return a * b; }
inline double __dadd_rn(double a, double b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float rsqrtf(float value) { return 1.0F / std::sqrt(value); }
inline float __saturatef(float value) { return value > 0 ? (value < 1 ? value : 1) : 0; }
constexpr int min(int a, int b) { return a < b ? a : b; }
constexpr int max(int a, int b) { return a > b ? a : b; }
constexpr unsigned min(unsigned a, unsigned b) { return a < b ? a : b; }
constexpr unsigned max(unsigned a, unsigned b) { return a > b ? a : b; }
constexpr long long min(long long a, long long b) { return a < b ? a : b; }
constexpr long long max(long long a, long long b) { return a > b ? a : b; }
constexpr long min(long a, long b) { return a < b ? a : b; }
constexpr long max(long a, long b) { return a > b ? a : b; }
inline float min(float a, float b) { return std::fmin(a, b); }
inline float max(float a, float b) { return std::fmax(a, b); }

/// Sum of the products of four signed (or unsigned) bytes, and c.
inline int __dp4a(int a, int b, int c) {
  for (int byte = 0; byte < 4; ++byte)
    c += static_cast<std::int8_t>(a >> (8 * byte)) * static_cast<std::int8_t>(b >> (8 * byte));
  return c;
}
inline unsigned __dp4a(unsigned a, unsigned b, unsigned c) {
  for (int byte = 0; byte < 4; ++byte) c += (a >> (8 * byte) & 0xffU) * (b >> (8 * byte) & 0xffU);
  return c;
}

template <class T>
cudaError_t cudaMemcpyToSymbolAsync(T& symbol, const void* from, std::size_t bytes, std::size_t offset, cudaMemcpyKind,
                                    cudaStream_t stream) {
  char* target = reinterpret_cast<char*>(&symbol) + offset;
  return emulator::queue_symbol_copy(target, from, bytes, stream);
}
