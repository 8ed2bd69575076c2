#pragma once
/// A CT in memory: int16 Hounsfield units with their geometry, always turned to one orientation.
#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace pleura {

/// Voxel indices and sizes are in the order (z, y, x), as in a C array: slice, row, column.
using Index3 = std::array<std::int64_t, 3>;
/// A point of the patient's world, mm, in the order (x, y, z) of DICOM and ITK: LPS, x to the left, y to the back, z
/// up.
using Point3 = std::array<double, 3>;

/// Where the voxels of a volume lie. Index z rises towards the head, y towards the back, x towards the patient's left.
struct Geometry {
  Index3 shape{};                   ///< voxels (z, y, x)
  std::array<double, 3> spacing{};  ///< mm (z, y, x), from the centre of a voxel to the centre of the next
  Point3 origin{};                  ///< centre of voxel (0, 0, 0)
  /// Unit vectors in the world along rising z, y and x index. The identity of one orientation is
  /// {0,0,1},{0,1,0},{1,0,0}; a patient turned a few degrees in the scanner's plane differs a little from it.
  std::array<Point3, 3> direction{{{0, 0, 1}, {0, 1, 0}, {1, 0, 0}}};

  [[nodiscard]] std::int64_t voxels() const { return shape[0] * shape[1] * shape[2]; }
  /// The world point of a (fractional) voxel index (z, y, x); a voxel's centre has whole indices.
  [[nodiscard]] Point3 to_world(const std::array<double, 3>& index) const;
  /// The inverse of to_world.
  [[nodiscard]] std::array<double, 3> to_index(const Point3& point) const;
  bool operator==(const Geometry&) const = default;
};

/// A box of voxels, half open: low <= index < high.
struct VoxelBox {
  Index3 low{}, high{};
  bool operator==(const VoxelBox&) const = default;
};

/// A box of the world, mm, LPS: the smallest axis-aligned one around the outer faces of its voxels.
struct WorldBox {
  Point3 low{}, high{};
  bool operator==(const WorldBox&) const = default;
};

/// The world box around a voxel box: voxel (0, 0, 0) reaches half a spacing to each side of the origin.
[[nodiscard]] WorldBox to_world(const Geometry& geometry, const VoxelBox& box);

/// One CT. Owns its voxels; voxel (z, y, x) is hu[(z * shape[1] + y) * shape[2] + x].
struct Volume {
  Geometry geometry;
  std::vector<std::int16_t> hu;  ///< Hounsfield units; padding outside the field of view reads -1024 or less
  std::string series_uid;        ///< DICOM's SeriesInstanceUID; empty for other formats
};

}  // namespace pleura
