#pragma once
/// What the readers of volume files (NIfTI, MetaImage, NRRD) hand on.
#include <cstdint>
#include <string>
#include <vector>

#include "pleura/volume.hpp"
#include "scan/input_file.hpp"
#include "scan/orientation.hpp"

namespace pleura::scan {

/// What a volume file's header says, checked.
struct VolumeHeader {
  Geometry geometry;                  ///< after turning
  std::vector<InputFile> data_files;  ///< that hold its voxels: the file itself, or others
  std::vector<std::string> warnings;  ///< what it says twice and differently, or cannot be meant
};

/// The volume of turned voxels with its provenance; `files` hold its voxels.
[[nodiscard]] Volume turned_volume(std::vector<std::int16_t> turned, const Orientation& orientation,
                                   const std::string& format, std::int64_t files);

}  // namespace pleura::scan
