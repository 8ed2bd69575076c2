#pragma once
/// A phantom on disk.
#include <filesystem>

#include "phantom/phantom.hpp"

namespace pleura::phantom {

enum class Format { dicom, nifti };

struct Output {
  std::filesystem::path folder;
  Format format = Format::dicom;
  bool masks = false;  ///< also lungs.nii.gz (1 left, 2 right) and lesions.nii.gz (1 + index in truth.json's boxes)
};

/// Throws usage where write_phantom would refuse the folder, before the work of making a phantom.
void check_folder(const std::filesystem::path& folder);

/// Writes folder/ct (DICOM, one file a slice) or folder/ct.nii.gz, and folder/truth.json: whole or not
/// at all. A folder with a truth.json of an earlier phantom is replaced whole; any other non-empty folder is refused.
/// Throws usage for that, resources where the disk refuses. The same phantom gives the same bytes.
void write_phantom(const Phantom& phantom, std::uint64_t seed, const Output& output);

}  // namespace pleura::phantom
