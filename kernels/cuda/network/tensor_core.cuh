#pragma once
/// What CUDA C++ lacks for tensor cores and asynchronous copies: inline PTX on a GPU, functions on the emulator.
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstdint>

#include "kernels/cuda/network/tensor_cores.hpp"
#ifdef CUDA_EMULATOR
#include <emulated_ptx.h>
#endif

namespace pleura::kernels::cuda {

/// Whether this compilation is for GPUs of the generation: kernels of others are compiled to nothing, as all are below
/// sm_75.
template <TensorCores cores>
__device__ constexpr bool compiled_for() {
#if defined(CUDA_EMULATOR)
  return true;
#elif defined(__CUDA_ARCH__)
  return cores == TensorCores::turing ? __CUDA_ARCH__ >= 750 && __CUDA_ARCH__ < 800 : __CUDA_ARCH__ >= 800;
#else
  return false;
#endif
}

/// Four 8 x 8 matrices of halves from shared memory: lane 8 m + r gives the address of row r of matrix m, 16 bytes;
/// lane l gets elements 2 (l % 4) and 2 (l % 4) + 1 of row l / 4 of each.
__device__ inline void load_matrices([[maybe_unused]] std::uint32_t (&registers)[4], [[maybe_unused]] const void* row) {
#if defined(CUDA_EMULATOR)
  emulator::ldmatrix(registers, 4, false, row);
#elif __CUDA_ARCH__ >= 750
  const auto address = static_cast<std::uint32_t>(__cvta_generic_to_shared(row));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(registers[0]), "=r"(registers[1]), "=r"(registers[2]), "=r"(registers[3])
               : "r"(address));
#endif
}

/// d += a * b over a depth of 16: a 16 x 16 by rows, b 16 x 8 by columns. Lane l holds elements 2 (l % 4) and the next
/// of rows l / 4 and l / 4 + 8 of d; a and b as load_matrices gives them.
template <TensorCores cores>
__device__ void multiply_accumulate(float (&d)[4], const std::uint32_t (&a)[4], const std::uint32_t* b) {
#if defined(CUDA_EMULATOR)
  if constexpr (cores == TensorCores::ampere) {
    emulator::mma_m16n8k16_f16(d, a, {b[0], b[1]});
  } else {
    emulator::mma_m16n8k8_f16(d, {a[0], a[1]}, {b[0]});
    emulator::mma_m16n8k8_f16(d, {a[2], a[3]}, {b[1]});
  }
#else
  if constexpr (cores == TensorCores::ampere) {
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%0, %1, %2, %3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  } else {
    for (int half = 0; half < 2; ++half)
      asm volatile(
          "mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
          : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
          : "r"(a[2 * half]), "r"(a[2 * half + 1]), "r"(b[half]));
  }
#endif
}

/// 16 bytes on their way from global to shared memory, zeros where they are not valid. fetch() starts, store() must
/// follow, then, in the order of fetching, commit_fetches() and wait_for_fetches(), then a barrier.
template <TensorCores cores>
class Granule;

/// Through a register, so that work between fetch() and store() hides the latency.
template <>
class Granule<TensorCores::turing> {
 public:
  __device__ void fetch(void* /*shared*/, const void* global, bool valid) {
    value_ = valid ? *static_cast<const uint4*>(global) : make_uint4(0, 0, 0, 0);
  }
  __device__ void store(void* shared) const { *static_cast<uint4*>(shared) = value_; }

 private:
  uint4 value_;
};

/// By cp.async.
template <>
class Granule<TensorCores::ampere> {
 public:
  __device__ void fetch([[maybe_unused]] void* shared, [[maybe_unused]] const void* global,
                        [[maybe_unused]] bool valid) {
#if defined(CUDA_EMULATOR)
    emulator::async_copy(shared, global, 16, valid ? 16 : 0);
#elif __CUDA_ARCH__ >= 800
    asm volatile("cp.async.ca.shared.global [%0], [%1], 16, %2;" ::"r"(
                     static_cast<std::uint32_t>(__cvta_generic_to_shared(shared))),
                 "l"(global), "r"(valid ? 16 : 0)
                 : "memory");
#endif
  }
  __device__ void store(void* /*shared*/) const {}
};

template <TensorCores cores>
__device__ void commit_fetches() {
  if constexpr (cores == TensorCores::ampere) {
#if defined(CUDA_EMULATOR)
    emulator::commit_async_copies();
#elif __CUDA_ARCH__ >= 800
    asm volatile("cp.async.commit_group;" ::: "memory");
#endif
  }
}

/// All but the newest `left` commits of this thread have arrived.
template <TensorCores cores, int left>
__device__ void wait_for_fetches() {
  if constexpr (cores == TensorCores::ampere) {
#if defined(CUDA_EMULATOR)
    emulator::wait_async_copies(left);
#elif __CUDA_ARCH__ >= 800
    asm volatile("cp.async.wait_group %0;" ::"n"(left) : "memory");
#endif
  }
}

}  // namespace pleura::kernels::cuda
