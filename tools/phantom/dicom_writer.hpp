#pragma once
/// A volume as a DICOM series: CT Image Storage, explicit VR little endian, one file a slice.
#include <filesystem>

#include "phantom/phantom.hpp"

namespace pleura::phantom {

/// Writes folder/ct_001.dcm and so on, feet first in order. Dates are fixed and UIDs follow from the content, so that
/// the same phantom gives the same bytes. Throws resources where the disk refuses, usage where pleura is built without
/// DICOM.
void write_dicom(const Phantom& phantom, std::uint64_t seed, const std::filesystem::path& folder);

}  // namespace pleura::phantom
