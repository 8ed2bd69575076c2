#pragma once
/// The files at a path, and whatever there could not be looked at.
#include <filesystem>
#include <vector>

#include "pleura/scan.hpp"

namespace pleura::scan {

struct Listing {
  std::vector<std::filesystem::path> files;  ///< regular ones, sorted
  std::vector<RefusedFile> skipped;          ///< never read: devices, FIFOs, sockets, links to folders
  std::vector<RefusedFile> unseen;           ///< could not be listed or followed: slices may lie there
};

/// A file, or a folder with its subfolders. Throws input_refused where the path itself cannot be listed.
[[nodiscard]] Listing list_files(const std::filesystem::path& path);

}  // namespace pleura::scan
