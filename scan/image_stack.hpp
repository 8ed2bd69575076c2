#pragma once
/// Folders of grey PNG, JPEG or BMP slices through stb_image: no geometry and no HU of their own, both come from the
/// user.
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "scan/input_file.hpp"
#include "scan/source.hpp"

namespace pleura::scan {

/// Orders names as people do: z_2 before z_10.
[[nodiscard]] bool natural_less(const std::string& a, const std::string& b);

/// The pictures of one folder as a source: slices in the natural order of their names, from the feet to the head; rows
/// from front to back, columns from the patient's right to left. Throws usage where options contradict themselves.
[[nodiscard]] Source image_stack(const std::filesystem::path& folder, std::vector<InputFile> files,
                                 const ReadOptions& options);

}  // namespace pleura::scan
