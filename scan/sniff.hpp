#pragma once
/// What a file is, by its first bytes; names and extensions say nothing.
#include "scan/input_file.hpp"

namespace pleura::scan {

enum class Content { dicom, nifti, metaimage, nrrd, picture, other };

[[nodiscard]] Content sniff(const InputFile& file);

}  // namespace pleura::scan
