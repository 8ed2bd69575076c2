#pragma once
/// One picture through stb_image.
#include <cstdint>
#include <vector>

#include "scan/input_file.hpp"

namespace pleura::scan {

/// What a picture's header says.
struct PictureSize {
  std::int64_t rows = 0, columns = 0;
};

/// Throws input_refused where the file is no picture or has more than 8192 pixels a side.
[[nodiscard]] PictureSize read_picture_size(const InputFile& file);

/// The grey values of a picture, 0 to 1, row by row. Throws input_refused where it is damaged or coloured.
[[nodiscard]] std::vector<float> read_picture(const InputFile& file);

}  // namespace pleura::scan
