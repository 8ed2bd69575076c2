#pragma once
/// Copies of one DICOM instance in a series: exports and backups hold files twice.
#include <string>
#include <vector>

#include "scan/dicom_image.hpp"

namespace pleura::scan {

/// Takes out images that repeat another one: the same SOPInstanceUID, place and pixels. Pixels are decoded only where
/// SOPInstanceUIDs coincide. Returns what to warn of, one line each.
[[nodiscard]] std::vector<std::string> take_out_copies(std::vector<DicomImage>& images, int threads);

}  // namespace pleura::scan
