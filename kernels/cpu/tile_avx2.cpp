// Built with AVX2 and FMA.
#include "kernels/cpu/tile_kernel.hpp"

namespace pleura::kernels::cpu {
namespace {

// 16 registers: 12 sums, the block's weights, an input, a spare.
constexpr TileShape shapes[] = {{8, 2, 6, 2.0}, {8, 1, 12, 1.1}, {8, 2, 5, 0.33, true}};

TileFunction find(int shape, int width) {
  switch (shape) {
    case 0:
      return tiles<Fp32, 8, 2, 6>(width);
    case 1:
      return tiles<Fp32, 8, 1, 12>(width);
    default:
      return tiles_along_units<Fp32, 8, 2, 5>(width);
  }
}

}  // namespace

const TileSet avx2_tiles{"direct-avx2", Isa::avx2, false, shapes, static_cast<int>(sizeof(shapes) / sizeof(shapes[0])),
                         find};

}  // namespace pleura::kernels::cpu
