#pragma once
/// DICOM files told from others by content, and their headers read without their pixels.
#include <cstdint>
#include <optional>

#include "scan/dicom_image.hpp"
#include "scan/unpack.hpp"

namespace pleura::scan {

/// The headers of a DICOM file; nothing where it is a directory (DICOMDIR). Throws input_refused where it is truncated,
/// cannot be read, or announces more pixels than it holds; resources where DCMTK would hold more than `most_held` bytes
/// of it.
[[nodiscard]] std::optional<DicomImage> read_dicom_header(const InputFile& file, std::int64_t most_held = no_bound);

}  // namespace pleura::scan
