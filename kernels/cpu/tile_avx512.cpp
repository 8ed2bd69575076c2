// Built with AVX-512 F, BW, DQ, VL.
#include "kernels/cpu/tile_kernel.hpp"

namespace pleura::kernels::cpu {
namespace {

// 32 registers: 28 sums, the block's weights, a spare. Half vectors serve where whole ones would be half empty.
constexpr TileShape shapes[] = {
    {16, 2, 14, 2.0}, {16, 1, 28, 1.05}, {8, 3, 9, 1.55}, {8, 1, 28, 0.65}, {16, 2, 12, 0.17, true}};

TileFunction find(int shape, int width) {
  switch (shape) {
    case 0:
      return tiles<Fp32, 16, 2, 14>(width);
    case 1:
      return tiles<Fp32, 16, 1, 28>(width);
    case 2:
      return tiles<Fp32, 8, 3, 9>(width);
    case 3:
      return tiles<Fp32, 8, 1, 28>(width);
    default:
      return tiles_along_units<Fp32, 16, 2, 12>(width);
  }
}

}  // namespace

const TileSet avx512_tiles{
    "direct-avx512", Isa::avx512, false, shapes, static_cast<int>(sizeof(shapes) / sizeof(shapes[0])), find};

}  // namespace pleura::kernels::cpu
