#pragma once
/// NRRD: .nrrd (header and voxels in one file) and .nhdr (voxels in a file or a list of files beside it), by our own
/// reader. Its world is LPS, RAS or LAS, by its field 'space'; others do not say how the patient lies.
#include "pleura/volume.hpp"
#include "scan/input_file.hpp"
#include "scan/volume_file.hpp"

namespace pleura::scan {

/// What the header says. Throws input_refused naming file, found and expected.
[[nodiscard]] VolumeHeader read_nrrd_header(const InputFile& file);

/// The volume in HU, turned. Does not judge whether the values are HU (require_hounsfield). Throws as read_nrrd_header.
[[nodiscard]] Volume read_nrrd(const InputFile& file);

}  // namespace pleura::scan
