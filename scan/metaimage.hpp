#pragma once
/// MetaImage: .mha (header and voxels in one file) and .mhd (voxels in a file or a list of files beside it). Its world
/// is ITK's, LPS.
#include <span>
#include <vector>

#include "pleura/pleura.hpp"
#include "scan/input_file.hpp"

namespace pleura::scan {

/// What the header says: the geometry after turning and the files that hold voxels (the .mha itself, or others). Throws
/// input_refused naming file, found and expected.
struct MetaImage {
  Geometry geometry;
  std::vector<InputFile> data_files;
};
[[nodiscard]] MetaImage read_metaimage_header(const InputFile& file);

/// The volume in HU, turned. Does not judge whether the values are HU (require_hounsfield). Throws as
/// read_metaimage_header.
[[nodiscard]] Volume read_metaimage(const InputFile& file);

}  // namespace pleura::scan
