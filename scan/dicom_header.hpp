#pragma once
/// DICOM files told from others by content, and their headers read without their pixels.
#include <optional>

#include "scan/dicom_image.hpp"

namespace pleura::scan {

/// The headers of a DICOM file; nothing where it is a directory (DICOMDIR). Throws input_refused where it is truncated,
/// cannot be read, or announces more pixels than it holds.
[[nodiscard]] std::optional<DicomImage> read_dicom_header(const InputFile& file);

}  // namespace pleura::scan
