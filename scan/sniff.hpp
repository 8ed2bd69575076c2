#pragma once
/// What a file is, by its first bytes; names and extensions say nothing.
#include "scan/input_file.hpp"

namespace pleura::scan {

enum class Content { dicom, dicomdir, gzipped_dicom, nifti, metaimage, nrrd, picture, archive, other };

/// Throws input_refused where the file cannot be read.
[[nodiscard]] Content sniff(const InputFile& file);

}  // namespace pleura::scan
