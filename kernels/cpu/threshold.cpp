#include "kernels/threshold.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace pleura::kernels {

void threshold_slice(const std::int16_t* hu, std::int64_t height, std::int64_t width, int below, std::uint64_t* bits) {
  const std::int64_t row_words = (width + 63) / 64;
  std::array<std::uint8_t, 64> ones{};
  for (std::int64_t y = 0; y < height; ++y, hu += width, bits += row_words)
    for (std::int64_t word = 0; word < row_words; ++word) {
      const std::int64_t count = std::min<std::int64_t>(64, width - word * 64);
      if (count < 64) ones.fill(0);
      for (std::int64_t i = 0; i < count; ++i) ones[i] = hu[word * 64 + i] < below;
      std::uint64_t packed = 0;
      for (std::size_t byte = 0; byte < 8; ++byte) {
        // Eight bytes of 0 or 1, the first lowest, are gathered into the eight bits of the product's top byte.
        std::uint64_t eight = 0;
        std::memcpy(&eight, ones.data() + byte * 8, 8);
        packed |= (eight * 0x0102040810204080ull >> 56) << (byte * 8);
      }
      bits[word] = packed;
    }
}

}  // namespace pleura::kernels
