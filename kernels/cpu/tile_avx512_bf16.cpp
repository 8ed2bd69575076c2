// Built with AVX-512 F, BW, DQ, VL and BF16.
#include <immintrin.h>

#include "kernels/cpu/tile_kernel.hpp"

namespace pleura::kernels::cpu {
namespace {

using UnalignedInt [[gnu::aligned(2), gnu::may_alias]] = std::int32_t;

/// acc + the two products of a pair of bf16 at x with a pair of weights, in all lanes.
struct Bf16Pairs {
  template <int lanes>
  static Floats<lanes> multiply_add(Floats<lanes> acc, Floats<lanes> weight, const char* x) {
    const std::int32_t pair = *reinterpret_cast<const UnalignedInt*>(x);  // a template would forget its alignment
    if constexpr (lanes == 16)
      return _mm512_dpbf16_ps(acc, reinterpret_cast<__m512bh>(weight),
                              reinterpret_cast<__m512bh>(_mm512_set1_epi32(pair)));
    else
      return _mm256_dpbf16_ps(acc, reinterpret_cast<__m256bh>(weight),
                              reinterpret_cast<__m256bh>(_mm256_set1_epi32(pair)));
  }

  template <int lanes>
  static Floats<lanes> multiply_add_lanes(Floats<lanes> acc, Floats<lanes> weight, const char* x) {
    return _mm512_dpbf16_ps(acc, reinterpret_cast<__m512bh>(weight),
                            reinterpret_cast<__m512bh>(load<Floats<lanes>>(x)));
  }

  template <int lanes>
  static Halves<lanes> round(Floats<lanes> values) {
    if constexpr (lanes == 16)
      return reinterpret_cast<Halves<lanes>>(_mm512_cvtneps_pbh(values));
    else
      return reinterpret_cast<Halves<lanes>>(_mm256_cvtneps_pbh(values));
  }
};

constexpr TileShape shapes[] = {
    {16, 2, 14, 2.0}, {16, 1, 28, 1.05}, {8, 3, 9, 1.55}, {8, 1, 28, 0.65}, {16, 2, 12, 0.17, true}};

TileFunction find(int shape, int width) {
  switch (shape) {
    case 0:
      return tiles<Bf16Pairs, 16, 2, 14>(width);
    case 1:
      return tiles<Bf16Pairs, 16, 1, 28>(width);
    case 2:
      return tiles<Bf16Pairs, 8, 3, 9>(width);
    case 3:
      return tiles<Bf16Pairs, 8, 1, 28>(width);
    default:
      return tiles_along_units<Bf16Pairs, 16, 2, 12>(width);
  }
}

}  // namespace

const TileSet avx512_bf16_tiles{
    "direct-avx512-bf16", Isa::avx512_bf16, true, shapes, static_cast<int>(sizeof(shapes) / sizeof(shapes[0])), find};

}  // namespace pleura::kernels::cpu
