#pragma once
/// One picture through stb_image.
#include <cstdint>
#include <vector>

#include "scan/input_file.hpp"
#include "scan/picture_guard.hpp"

namespace pleura::scan {

/// Throws input_refused where the file is no whole picture or has more than 8192 pixels a side.
[[nodiscard]] PictureSize read_picture_size(const InputFile& file);

/// The grey values of a picture, 0 to 1, row by row. Throws input_refused where it is damaged or coloured.
[[nodiscard]] std::vector<float> read_picture(const InputFile& file);

}  // namespace pleura::scan
