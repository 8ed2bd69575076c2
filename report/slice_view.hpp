#pragma once
/// One plane of a CT as a picture: lung window, true proportions, the lungs' outline, boxes.
#include "pleura/pleura.hpp"
#include "report/picture.hpp"

namespace pleura::report {

/// axial: rows y, columns x, seen from the feet; coronal: rows z (head on top), columns x, seen from the front. The
/// patient's left is on the right of both.
enum class Plane { axial, coronal };

class SliceView {
 public:
  /// The plane at `index` (z or y) over the crop's other two axes.
  SliceView(const Screening& screening, Plane plane, std::int64_t index, const VoxelBox& crop, double pixels_per_mm);

  [[nodiscard]] const Picture& picture() const { return picture_; }
  /// Where a box of voxels lies in the picture; may reach outside.
  [[nodiscard]] Rectangle to_pixels(const VoxelBox& box) const;
  /// A frame around a box with a tag at its upper left.
  void draw_box(const VoxelBox& box, Colour colour, const std::string& tag);
  /// "R" and "L" at the sides.
  void draw_sides();

 private:
  /// Index coordinates of a point of the picture.
  [[nodiscard]] std::array<double, 2> to_index(double x, double y) const;
  void draw_voxels(const Screening& screening);
  void draw_lungs(const Screening& screening);

  Plane plane_;
  std::int64_t index_;
  VoxelBox crop_;
  std::size_t row_axis_;
  std::array<double, 2> pixels_per_voxel_;  ///< rows, columns
  Picture picture_;
};

/// Pixels of a crop at a scale: width, height.
[[nodiscard]] std::array<int, 2> picture_size(const Geometry& geometry, Plane plane, const VoxelBox& crop,
                                              double pixels_per_mm);

/// The box with a margin in mm on every side, clipped to the volume.
[[nodiscard]] VoxelBox with_margin(const Geometry& geometry, const VoxelBox& box, double margin_mm);

}  // namespace pleura::report
