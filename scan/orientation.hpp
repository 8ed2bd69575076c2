#pragma once
/// From the axes of a file to pleura's one orientation: z up to the head, y to the back, x to the patient's left.
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "pleura/volume.hpp"

namespace pleura::scan {

/// An axis may lie this far from the patient's axis before a CT counts as oblique; the lungs' geometry bears it.
inline constexpr double max_oblique_degrees = 10;
/// Two axes may meet at an angle this far from 90 degrees (positions are rounded); more is a gantry tilt.
inline constexpr double max_shear_degrees = 1;
/// Two statements of one spacing may differ by this share (figures are stored rounded); more is a contradiction.
inline constexpr double max_spacing_difference = 0.01;

/// Voxels as a file holds them: index (k, j, i), i fastest, and the step in the world (mm, LPS) of each index.
struct Grid {
  Index3 shape{};
  std::array<Point3, 3> step{};
  Point3 origin{};  ///< centre of voxel (0, 0, 0)
};

/// How a grid is turned: axis a (z, y, x) of `geometry` is axis[a] of the file, read backwards where flip[a].
struct Orientation {
  std::array<int, 3> axis{0, 1, 2};
  std::array<bool, 3> flip{};
  Geometry geometry;
};

/// Finds the turn by flips and permutations alone. Throws input_refused, the message starting with `name`, where a step
/// is not finite and positive, two axes are not square to each other (gantry tilt) or one is oblique.
[[nodiscard]] Orientation orient(const Grid& grid, const std::string& name);

/// Where voxel (k, j, i) of the file lies in the turned volume: start and a step for each index, in voxels.
struct Placement {
  std::int64_t start = 0;
  Index3 step{};

  /// Of the first voxel of row j of slice k.
  [[nodiscard]] std::int64_t at(std::int64_t k, std::int64_t j) const { return start + k * step[0] + j * step[1]; }
};
[[nodiscard]] Placement placement_of(const Orientation& orientation);

/// What is wrong with a grid's axes: a step that is not finite and positive, or two that are not square to each other.
/// Empty where nothing is.
[[nodiscard]] std::string fault_of(const Grid& grid);

/// Where columns, rows and slices run to, a letter each, as "LPS" for pleura's own orientation. The grid has no fault.
[[nodiscard]] std::string axis_code(const Grid& grid);

/// mm from voxel to voxel along a column, a row and a slice index: x, y, z as volume files write it.
[[nodiscard]] std::array<double, 3> spacing_of(const Grid& grid);

/// Whether two statements of one length, or of the spacing along each axis, are the same but for rounding.
[[nodiscard]] bool same_length(double a, double b);
[[nodiscard]] bool same_spacing(const std::array<double, 3>& a, const std::array<double, 3>& b);

/// Angle between two vectors in degrees.
[[nodiscard]] double angle_degrees(const Point3& a, const Point3& b);

}  // namespace pleura::scan
