// Built for the processor that the whole build targets.
#include "kernels/cpu/tile_kernel.hpp"

namespace pleura::kernels::cpu {
namespace {

constexpr TileShape shapes[] = {{4, 2, 6, 2.0}, {4, 1, 12, 1.1}, {4, 2, 5, 0.66, true}};

TileFunction find(int shape, int width) {
  switch (shape) {
    case 0:
      return tiles<Fp32, 4, 2, 6>(width);
    case 1:
      return tiles<Fp32, 4, 1, 12>(width);
    default:
      return tiles_along_units<Fp32, 4, 2, 5>(width);
  }
}

}  // namespace

const TileSet portable_tiles{
    "direct-portable", Isa::portable, false, shapes, static_cast<int>(sizeof(shapes) / sizeof(shapes[0])), find};

}  // namespace pleura::kernels::cpu
