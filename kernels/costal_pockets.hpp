#pragma once
/// The pockets between the cuts through a lung and their hulls at the ribs: nodules and consolidation that lean on
/// them.
#include <cstdint>

#include "kernels/bit_volume.hpp"
#include "kernels/convex_hull.hpp"
#include "kernels/host_device.hpp"

namespace pleura::kernels {

struct CostalPockets {
  std::int64_t spacing_y_um = 1, spacing_x_um = 1;
  bool is_left = false;           ///< the lung
  std::int64_t middle_y2 = 0;     ///< twice the middle row of all of it
  std::int64_t least_cut = 1;     ///< voxels: a smaller cut gets no hull
  std::int64_t most_voxels = 0;   ///< of a pocket; nor may it have more than half of its cut
  std::int64_t most_edge_um = 0;  ///< of the hull
};

/// Adds them to a lung, or to what has been made of it by a closing.
void add_costal_pockets(BitVolume& lung, const CostalPockets& how, int threads);

namespace reference {
void add_costal_pockets(BitVolume& lung, const CostalPockets& how);
}  // namespace reference

/// An edge of a hull from a to b, of rising y, with the lung on its high-x side (low_side) or on its low-x side.
struct HullEdge {
  Pixel a, b;
  bool low_side;
};

PLEURA_HOST_DEVICE inline std::int64_t absolute(std::int64_t value) { return value < 0 ? -value : value; }

/// The longer of its sides, in micrometres.
PLEURA_HOST_DEVICE inline std::int64_t length_of(const HullEdge& edge, const CostalPockets& how) {
  const std::int64_t tall = absolute(edge.b.y - edge.a.y) * how.spacing_y_um,
                     wide = absolute(edge.b.x - edge.a.x) * how.spacing_x_um;
  return tall > wide ? tall : wide;
}

/// Does the lung end at this edge of its hull at the ribs, not at the mediastinum, the heart or the diaphragm? Outwards
/// must be within 45 degrees of sideways; or, in the back half of the lung, backwards, and in its front half, forwards,
/// and at most 3 in 10 inwards: at the base the crescent around the liver or the stomach has its hollow side to the
/// front in the back half, and to the back in the front half.
PLEURA_HOST_DEVICE inline bool is_costal(const HullEdge& edge, const CostalPockets& how) {
  const std::int64_t dy = (edge.b.y - edge.a.y) * how.spacing_y_um, dx = (edge.b.x - edge.a.x) * how.spacing_x_um;
  const std::int64_t back = edge.low_side ? dx : -dx, sideways = edge.low_side != how.is_left ? dy : -dy;
  if (dy * dy + dx * dx > how.most_edge_um * how.most_edge_um) return false;
  if (sideways > 0 && sideways >= absolute(back)) return true;
  const bool in_back = edge.a.y + edge.b.y > how.middle_y2;
  return in_back == (back > 0) && 10 * sideways >= -3 * absolute(back);
}

/// A voxel of the pocket behind an edge at t quarters of its length, or {-1, -1} where lung comes up to it. Both are
/// slices of bits.
PLEURA_HOST_DEVICE inline Pixel behind(const HullEdge& edge, int t, const std::uint64_t* lung,
                                       const std::uint64_t* pockets, std::int64_t height, std::int64_t width) {
  const Pixel &a = edge.a, &b = edge.b;
  Pixel pixel{(a.y * (4 - t) + b.y * t + 2) / 4, (a.x * (4 - t) + b.x * t + 2) / 4};
  const bool steep = absolute(b.y - a.y) >= absolute(b.x - a.x);
  const std::int64_t step_x = edge.low_side ? 1 : -1, step_y = (edge.low_side ? b.x > a.x : b.x < a.x) ? -1 : 1;
  // Rounding may leave the first voxel just outside the hull.
  for (int step = 0; step < 3; ++step) {
    if (pixel.y < 0 || pixel.y >= height || pixel.x < 0 || pixel.x >= width) break;
    const std::int64_t word = pixel.y * ((width + 63) / 64) + pixel.x / 64;
    if ((lung[word] >> (pixel.x % 64) & 1) != 0) break;
    if ((pockets[word] >> (pixel.x % 64) & 1) != 0) return pixel;
    if (steep)
      pixel.x += step_x;
    else
      pixel.y += step_y;
  }
  return {-1, -1};
}

/// Does a pocket belong to its lung? `costal_um`: how much of the hull's length before it is costal, less how much is
/// not.
PLEURA_HOST_DEVICE inline bool is_costal_pocket(std::int64_t voxels, std::int64_t of_cut, std::int64_t costal_um,
                                                const CostalPockets& how) {
  return voxels <= how.most_voxels && 2 * voxels <= of_cut && costal_um > 0;
}

}  // namespace pleura::kernels
