#pragma once
/// Pixels of a slice in the patient's frame, and tubes drawn into them.
#include <functional>
#include <vector>

#include "phantom/tree.hpp"
#include "pleura/volume.hpp"

namespace pleura::phantom {

/// Pixels [y0, y1) x [x0, x1).
struct Window {
  std::int64_t y0, y1, x0, x1;
};

/// The pixel grid of every slice of a CT.
struct Plane {
  explicit Plane(const Geometry& geometry);

  std::int64_t rows, columns;
  float step_y, step_x, origin_y, origin_x;
  float pixel;  ///< mm, mean of the two steps

  [[nodiscard]] std::int64_t index(std::int64_t y, std::int64_t x) const { return y * columns + x; }
  [[nodiscard]] Vec3 point(std::int64_t y, std::int64_t x, float z) const {
    return {origin_x + static_cast<float>(x) * step_x, origin_y + static_cast<float>(y) * step_y, z};
  }
  /// The pixels within `reach` mm of a point, in each direction.
  [[nodiscard]] Window window(Vec3 centre, float reach) const;
};

/// Raises `share` (0..1 per pixel) to the share of the slice's thickness that lies in a tube, `coat` mm wider than its
/// radii.
void fill_tubes(const Plane& plane, const std::vector<Tube>& tubes, float middle, float thickness,
                const std::function<float(float)>& coat, std::vector<float>& share);

}  // namespace pleura::phantom
