#pragma once
/// What is written upon a picture of a CT: sides, scale, numbers of boxes. No mark covers another.
#include <string_view>
#include <vector>

#include "report/picture.hpp"

namespace pleura::report {

/// The letters of a picture's four sides.
struct Sides {
  std::string_view left, right, top, bottom;
};

/// Each at the middle of its side, white on a dark plate. Adds the plates to `taken`.
void draw_sides(Picture& picture, const Sides& sides, std::vector<Rectangle>& taken);

/// The mm that a scale bar shows: the longest of 100, 50, 20, 10, 5, 2 and 1 mm within a fifth of the width; 0 where
/// none fits.
[[nodiscard]] int scale_bar_mm(int width, double pixels_per_mm);

/// The scale bar at the upper left, where least of the lungs lies, with a tick each cm (each mm where it is shorter),
/// white on a dark plate. Adds the plate to `taken`. Returns the bar: empty where none fits.
Rectangle draw_scale_bar(Picture& picture, double pixels_per_mm, std::vector<Rectangle>& taken);

/// Room for a tag of a box: the place nearest to the box's upper left corner that is in the picture and free of
/// `taken`, away from other boxes where possible.
[[nodiscard]] Rectangle place_tag(const Picture& picture, const Rectangle& box, int width, int height,
                                  const std::vector<Rectangle>& boxes, const std::vector<Rectangle>& taken);

}  // namespace pleura::report
