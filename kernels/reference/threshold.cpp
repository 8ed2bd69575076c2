#include "kernels/threshold.hpp"

#include <algorithm>

namespace pleura::kernels::reference {

void threshold_slice(const std::int16_t* hu, std::int64_t height, std::int64_t width, int below, std::uint64_t* bits) {
  const std::int64_t row_words = (width + 63) / 64;
  std::fill_n(bits, height * row_words, 0);
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x)
      if (hu[y * width + x] < below) bits[y * row_words + x / 64] |= std::uint64_t{1} << (x % 64);
}

}  // namespace pleura::kernels::reference
