#pragma once
/// A grid of values drawn at another scale.
#include <cstdint>
#include <vector>

namespace pleura::report {

struct Grid {
  std::int64_t rows = 0, columns = 0;
  std::vector<float> values;  ///< by rows
};

/// Where the pixels of one axis lie: the centre of pixel p has the fractional index start + step * p. A negative step
/// turns the axis round.
struct PixelAxis {
  double start = 0, step = 1;
  int pixels = 0;
};

/// Linear between the grid's points; where a pixel covers several, their mean, weighted towards its centre. The border
/// is repeated beyond the grid.
[[nodiscard]] Grid resample(const Grid& grid, const PixelAxis& rows, const PixelAxis& columns);

}  // namespace pleura::report
