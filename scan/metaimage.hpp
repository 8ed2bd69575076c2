#pragma once
/// MetaImage: .mha (header and voxels in one file) and .mhd (voxels in a file or a list of files beside it). Its world
/// is ITK's, LPS.
#include "pleura/volume.hpp"
#include "scan/input_file.hpp"
#include "scan/volume_file.hpp"

namespace pleura::scan {

/// What the header says. Throws input_refused naming file, found and expected.
[[nodiscard]] VolumeHeader read_metaimage_header(const InputFile& file);

/// The volume in HU, turned. Does not judge whether the values are HU (require_hounsfield). Throws as
/// read_metaimage_header.
[[nodiscard]] Volume read_metaimage(const InputFile& file);

}  // namespace pleura::scan
