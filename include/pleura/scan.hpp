#pragma once
/// A CT in: what lies at a path, which of it is screened, its volume.
#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pleura/error.hpp"
#include "pleura/export.h"
#include "pleura/volume.hpp"

namespace pleura {

/// How to read a CT.
struct ReadOptions {
  std::string series_uid;  ///< this series, by SeriesReport's uid or path, not the one the rules choose
  /// Image stacks: the HU of black and of white, and the spacing (z, y, x) in mm; all three or the stack is refused.
  std::optional<double> window_low, window_high;
  std::optional<std::array<double, 3>> spacing;
  int threads = 0;  ///< decoding threads; 0: one per core
  /// Bound on the memory of the whole process while a CT is read; 0: three quarters of what the machine, its cgroup
  /// and the resource limits allow.
  std::uint64_t memory_bytes = 0;
};

/// One series found at a path, usable or not.
struct SeriesReport {
  std::string uid;             ///< DICOM: SeriesInstanceUID; of a part of a series `UID#part`; other formats: `path`
  std::filesystem::path path;  ///< relative to the path given: the file, or the folder that holds all files
  std::string description, modality, format;  ///< format: "DICOM", "NIfTI", "MetaImage", "NRRD", "image stack"
  std::string kernel;                         ///< DICOM: ConvolutionKernel
  std::int64_t files = 0;
  std::optional<Geometry> geometry;  ///< absent where the series is refused
  std::string refused;               ///< why it cannot be screened; empty where it can
  bool chosen = false;
  std::string why;  ///< the rule by which it was chosen or passed over
};

/// A file that could not be used, and why.
struct RefusedFile {
  std::filesystem::path path;
  std::string why;
};

/// Everything found at a path.
struct ScanReport {
  std::vector<SeriesReport> series;
  std::vector<RefusedFile> refused_files;
  std::vector<std::string> warnings;
};

/// What lies at a path (a folder or a file), without decoding the voxels of series that are not chosen.
/// Throws input_refused only where there is nothing that pleura could read, resources where the chosen series takes
/// more than ReadOptions::memory_bytes.
[[nodiscard]] PLEURA_API ScanReport scan_ct(const std::filesystem::path& path, const ReadOptions& options = {});

/// The CT at a path, checked, in HU, turned to one orientation. `report`, if given, gets what scan_ct would say. What
/// it takes is reckoned from headers: throws resources, naming the figures, where that is more than memory_bytes.
[[nodiscard]] PLEURA_API Volume read_ct(const std::filesystem::path& path, const ReadOptions& options = {},
                                        ScanReport* report = nullptr);

}  // namespace pleura
