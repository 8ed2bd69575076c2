#include "kernels/grow_apart.hpp"

#include <cstdlib>

namespace pleura::kernels::reference {
namespace {

/// Is a neighbour of a voxel a one: in its slice, or also along z?
bool touches(const BitVolume& bits, std::int64_t z, std::int64_t y, std::int64_t x, bool along_z) {
  const auto is_one = [&](std::int64_t w, std::int64_t v, std::int64_t u) {
    return w >= 0 && w < bits.shape[0] && v >= 0 && v < bits.shape[1] && u >= 0 && u < bits.shape[2] &&
           bits.get(w, v, u);
  };
  return is_one(z, y - 1, x) || is_one(z, y + 1, x) || is_one(z, y, x - 1) || is_one(z, y, x + 1) ||
         (along_z && (is_one(z - 1, y, x) || is_one(z + 1, y, x)));
}

}  // namespace

void grow_apart(BitVolume& left, BitVolume& right, const BitVolume& joined, std::int64_t period) {
  const auto [depth, height, width] = joined.shape;
  // A whole period without a change has a step of either kind.
  std::int64_t unchanged = 0;
  for (std::int64_t step = 1; unchanged < period; ++step) {
    const BitVolume old_left = left, old_right = right;
    for (std::int64_t z = 0; z < depth; ++z)
      for (std::int64_t y = 0; y < height; ++y)
        for (std::int64_t x = 0; x < width; ++x) {
          if (!joined.get(z, y, x) || old_left.get(z, y, x) || old_right.get(z, y, x)) continue;
          if (touches(old_left, z, y, x, step % period == 0))
            left.set(z, y, x);
          else if (touches(old_right, z, y, x, step % period == 0))
            right.set(z, y, x);
        }
    unchanged = left == old_left && right == old_right ? unchanged + 1 : 0;
  }
}

}  // namespace pleura::kernels::reference
