#pragma once
/// A PNG's pixels, decoded by stb_image.
#include <cstdint>
#include <vector>

namespace pleura::report::test {

struct Decoded {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgb;  ///< empty where the bytes are no PNG
};

[[nodiscard]] Decoded decode_png(const std::vector<std::uint8_t>& bytes);

}  // namespace pleura::report::test
