#pragma once
/// Relative distance-from-edge (paper 2.5.1).
#include <array>
#include <cstdint>
#include <vector>

#include "pleura/volume.hpp"

namespace pleura::kernels {

/// A point of a slice of a CT, by fractional indices, and the rectangle of both lungs in that slice, half open; empty:
/// low == high.
struct EdgePoint {
  std::int64_t slice = 0;
  double y = 0, x = 0;
  std::int64_t low[2] = {}, high[2] = {};  ///< (y, x)
};

/// Least in-plane mm from a point to the edge of the lungs (`mask` of that shape, not 0) over the diagonal of their
/// rectangle; 0 where the slice has no lung. `spacing_mm` is (y, x). Products and sums are rounded one by one.
[[nodiscard]] double distance_from_edge(const std::uint8_t* mask, const Index3& shape,
                                        const std::array<double, 2>& spacing_mm, const EdgePoint& point);

namespace reference {
[[nodiscard]] double distance_from_edge(const std::vector<std::uint8_t>& mask, const Index3& shape,
                                        const std::array<double, 2>& spacing_mm, const EdgePoint& point);
}  // namespace reference

}  // namespace pleura::kernels
