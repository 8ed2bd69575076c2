#pragma once
/// RGB pixels as the bytes of a PNG file.
#include <cstdint>
#include <vector>

namespace pleura::report {

/// `rgb` holds height rows of width pixels, from the top left.
[[nodiscard]] std::vector<std::uint8_t> encode_png(int width, int height, const std::vector<std::uint8_t>& rgb);

}  // namespace pleura::report
