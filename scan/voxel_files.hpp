#pragma once
/// The voxels that a header names in files: in its own, in another, or in one for each slice.
#include <cstdint>
#include <string>
#include <vector>

#include "scan/volume_file.hpp"
#include "scan/voxels.hpp"

namespace pleura::scan {

struct VoxelFiles {
  struct Part {
    InputFile file;
    std::int64_t at = 0;  ///< byte where its voxels begin; at_end: they are the last of the file
  };
  static constexpr std::int64_t at_end = -1;

  std::vector<Part> parts;
  bool one_a_slice = false;    ///< else one part holds them all
  bool compressed = false;     ///< zlib or gzip, from `at` on
  std::int64_t pass_over = 0;  ///< bytes before the voxels, once decompressed
};

/// A text header understood, and where its voxels lie.
struct DetachedVolume {
  Grid grid;
  VoxelFormat format;
  VoxelFiles voxels;
  std::vector<std::string> warnings;
};

/// The file that a header names. Throws input_refused where there is none.
[[nodiscard]] InputFile named_file(const InputFile& header, const std::string& name);

/// Throws input_refused unless every file can hold its voxels; finds where they begin if at the end. A plain file that
/// holds more gets a warning.
void require_voxel_files(const InputFile& header, DetachedVolume& volume);

/// What the header of such a volume says. Throws as orient.
[[nodiscard]] VolumeHeader header_of(const InputFile& header, const DetachedVolume& volume);

/// Its voxels in HU, turned. Throws as read_voxels.
[[nodiscard]] Volume read_voxel_files(const InputFile& header, const DetachedVolume& volume, const std::string& format);

}  // namespace pleura::scan
