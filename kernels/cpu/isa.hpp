#pragma once
/// Which instruction sets this processor has; kernels are built for each and chosen at run time.

namespace pleura::kernels::cpu {

enum class Isa {
  portable,     ///< whatever the build targets: SSE2 on x86-64
  avx2,         ///< AVX2, FMA
  avx512,       ///< AVX-512 F, BW, DQ, VL
  avx512_bf16,  ///< and products of bf16 pairs
};

[[nodiscard]] bool available(Isa isa);

}  // namespace pleura::kernels::cpu
