#pragma once
/// One plane of a CT as a picture: a window, true proportions, the lungs' outline, sides, scale, boxes.
#include "pleura/report.hpp"
#include "report/picture.hpp"
#include "report/resample.hpp"

namespace pleura::report {

/// axial: rows y, columns x, seen from the feet; coronal: rows z (head on top), columns x, seen from the front. The
/// patient's left is on the right of both.
enum class Plane { axial, coronal };

/// The axis that a plane stands on, and the one along its rows (0 z, 1 y).
[[nodiscard]] constexpr std::size_t normal_of(Plane plane) { return plane == Plane::axial ? 0 : 1; }
[[nodiscard]] constexpr std::size_t rows_of(Plane plane) { return plane == Plane::axial ? 1 : 0; }

inline constexpr Colour kOutline{86, 190, 236};  ///< of the lungs

/// The HU that are black and white.
struct Window {
  int low, high;
};
inline constexpr Window kLungWindow{-1350, 150};        ///< 1500 HU around -600
inline constexpr Window kMediastinalWindow{-160, 240};  ///< 400 HU around 40
inline constexpr Window kProjectionWindow{-1000, -400};

/// A box to draw.
struct BoxMark {
  VoxelBox box;
  Colour colour;
  std::string tag;  ///< none where empty
};

class SliceView {
 public:
  /// The plane at `index` (z or y) over the crop's other two axes.
  SliceView(const Screening& screening, Plane plane, std::int64_t index, const VoxelBox& crop, double pixels_per_mm,
            const Window& window = kLungWindow);

  /// A coronal view through the whole depth of the lungs: the mean of the lungs' HU behind each point, black where no
  /// lung is. Within each inset it is their mean over the inset's own depth; the first lies on top.
  [[nodiscard]] static SliceView projection(const Screening& screening, const VoxelBox& lungs,
                                            const std::vector<VoxelBox>& insets, const VoxelBox& crop,
                                            double pixels_per_mm);

  [[nodiscard]] const Picture& picture() const { return picture_; }
  /// Where a box of voxels lies in the picture; may reach outside.
  [[nodiscard]] Rectangle to_pixels(const VoxelBox& box) const;
  /// Whether the plane, or the depth of the projection, cuts a box.
  [[nodiscard]] bool crosses(const VoxelBox& box) const;
  /// The sides' letters at their middles, and the scale bar.
  void annotate();
  /// Frames and tags of those boxes that the view crosses; the first lies on top.
  void draw_boxes(const std::vector<BoxMark>& boxes);

 private:
  SliceView(const Geometry& geometry, Plane plane, std::int64_t first, std::int64_t last, const VoxelBox& crop,
            double pixels_per_mm);
  [[nodiscard]] Grid resampled(const Grid& grid) const;
  void draw_voxels(const Grid& hu, const Window& window);
  void draw_outline(const Grid& lungs);

  Plane plane_;
  std::int64_t first_, last_;  ///< the depth along the plane's normal that is seen: first <= index < last
  VoxelBox crop_;
  double pixels_per_mm_;
  std::array<double, 2> pixels_per_voxel_;  ///< rows, columns
  Picture picture_;
  std::vector<Rectangle> taken_;  ///< by marks
};

/// Pixels of a crop at a scale: width, height.
[[nodiscard]] std::array<int, 2> picture_size(const Geometry& geometry, Plane plane, const VoxelBox& crop,
                                              double pixels_per_mm);

/// Pixels per mm so that a plane of the crop fits into width x height.
[[nodiscard]] double scale_to_fit(const Geometry& geometry, Plane plane, const VoxelBox& crop, int width, int height);

/// The box with a margin in mm on every side, clipped to the volume.
[[nodiscard]] VoxelBox with_margin(const Geometry& geometry, const VoxelBox& box, double margin_mm);

}  // namespace pleura::report
