#pragma once
/// What a file is, by its first bytes; names and extensions say nothing.
#include <filesystem>

namespace pleura::scan {

enum class Content { dicom, nifti, metaimage, picture, other };

[[nodiscard]] Content sniff(const std::filesystem::path& file);

}  // namespace pleura::scan
