#pragma once
/// What lies at a path: its files by what their first bytes are, those in archives and gzipped ones among them.
#include <filesystem>
#include <map>
#include <vector>

#include "pleura/scan.hpp"
#include "scan/input_file.hpp"

namespace pleura::scan {

struct Contents {
  std::filesystem::path root;  ///< the path, or the folder that a DICOMDIR at the path stands for
  std::vector<InputFile> dicom, nifti, metaimage, nrrd, other;
  std::map<std::filesystem::path, std::vector<InputFile>> pictures;  ///< by folder
  std::vector<RefusedFile> refused;                                  ///< named, but not read
  std::vector<RefusedFile> unseen;                                   ///< could not be looked into: slices may lie there
};

/// What is unpacked lies in memory, within ReadOptions::memory_bytes. Throws input_refused where the path itself cannot
/// be listed, resources where that is too little.
[[nodiscard]] Contents contents_of(const std::filesystem::path& path, std::uint64_t memory_bytes);

}  // namespace pleura::scan
