#pragma once
/// A CT in memory: int16 Hounsfield units with their geometry, always turned to one orientation.
#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pleura/export.h"

#if __cplusplus < 202002L
#error "pleura's C++ headers need C++20 (-std=c++20); pleura.h does not"
#endif

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
  [[nodiscard]] PLEURA_API Point3 to_world(const std::array<double, 3>& index) const;
  /// The inverse of to_world.
  [[nodiscard]] PLEURA_API std::array<double, 3> to_index(const Point3& point) const;
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
[[nodiscard]] PLEURA_API WorldBox to_world(const Geometry& geometry, const VoxelBox& box);

/// Where one slice of a volume comes from.
struct SliceSource {
  std::string sop_instance_uid, sop_class_uid;
  std::int64_t frame = 0;            ///< of a multi-frame file, from 1; 0: the file's only one
  std::int64_t instance_number = 0;  ///< what viewers number the slice by; 0 where the file has none
};

/// Where a CT comes from and what its source says of itself: what a result needs to say whose it is, and DICOM output
/// to refer to its slices. Texts are as in the file, control characters replaced; empty where it does not say.
struct Provenance {
  std::filesystem::path path;  ///< as given by the user
  std::string format;          ///< as SeriesReport's
  std::int64_t files = 0;      ///< that hold its voxels
  std::string series_uid, study_uid, frame_of_reference_uid;
  std::string study_date;                                  ///< YYYYMMDD
  std::string series_description, kernel, scanner;         ///< scanner: manufacturer and model
  std::string patient_id, patient_name, accession_number;  ///< never shown unless asked for
  std::vector<SliceSource> slices;  ///< by rising z of the volume; empty for other formats than DICOM
  /// The file's own axes: axis a (z, y, x) of the volume is axis file_axis[a] (slice, row, column) of the file, read
  /// backwards where file_flip[a].
  std::array<int, 3> file_axis{0, 1, 2};
  std::array<bool, 3> file_flip{};
};

/// One CT. Owns its voxels; voxel (z, y, x) is hu[(z * shape[1] + y) * shape[2] + x].
struct Volume {
  Geometry geometry;
  std::vector<std::int16_t> hu;          ///< Hounsfield units; padding outside the field of view reads -1024 or less
  std::optional<Provenance> provenance;  ///< of a CT that was read; absent where the caller made the volume
};

}  // namespace pleura
