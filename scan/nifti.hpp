#pragma once
/// NIfTI-1 and NIfTI-2 single files (.nii, .nii.gz), read by our own few lines: a hostile header costs nothing. NIfTI's
/// world is RAS, ours LPS; both of its affine forms are read and held against each other.
#include <cstdint>
#include <filesystem>
#include <span>

#include "pleura/volume.hpp"
#include "scan/input_file.hpp"
#include "scan/volume_file.hpp"

namespace pleura::scan {

/// Whether a file's first bytes are NIfTI's (or its gzip's with NIfTI inside).
[[nodiscard]] bool is_nifti(const InputFile& file);

/// What the header says. Throws input_refused naming file, found and expected.
[[nodiscard]] VolumeHeader read_nifti_header(const InputFile& file);

/// The volume in HU, turned. Does not judge whether the values are HU (require_hounsfield). Throws as
/// read_nifti_header.
[[nodiscard]] Volume read_nifti(const InputFile& file);

}  // namespace pleura::scan
