#include "kernels/morphology.hpp"

#include <algorithm>
#include <cstdlib>

namespace pleura::kernels::reference {
namespace {

/// Is there a voxel of this value, in the slice, under the disc around (y, x)?
bool meets(const std::uint64_t* bits, std::int64_t height, std::int64_t width, const Disc& disc, std::int64_t y,
           std::int64_t x, bool value) {
  const auto reach = static_cast<std::int64_t>(disc.half_widths.size()) - 1;
  for (std::int64_t v = std::max<std::int64_t>(y - reach, 0); v <= std::min(y + reach, height - 1); ++v) {
    const std::int64_t half = disc.half_widths[std::abs(v - y)];
    for (std::int64_t u = std::max<std::int64_t>(x - half, 0); u <= std::min(x + half, width - 1); ++u)
      if ((bits[v * ((width + 63) / 64) + u / 64] >> (u % 64) & 1) == static_cast<std::uint64_t>(value)) return true;
  }
  return false;
}

/// out(y, x) = value(y, x) as bits.
template <typename Value>
void fill(std::int64_t height, std::int64_t width, std::uint64_t* out, const Value& value) {
  const std::int64_t row_words = (width + 63) / 64;
  std::fill_n(out, height * row_words, 0);
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x)
      if (value(y, x)) out[y * row_words + x / 64] |= std::uint64_t{1} << (x % 64);
}

}  // namespace

void dilate_slice(const std::uint64_t* in, std::int64_t height, std::int64_t width, const Disc& disc,
                  std::uint64_t* out) {
  fill(height, width, out, [&](std::int64_t y, std::int64_t x) { return meets(in, height, width, disc, y, x, true); });
}

void erode_slice(const std::uint64_t* in, std::int64_t height, std::int64_t width, const Disc& disc,
                 std::uint64_t* out) {
  fill(height, width, out,
       [&](std::int64_t y, std::int64_t x) { return !meets(in, height, width, disc, y, x, false); });
}

void close_slice(const std::uint64_t* in, std::int64_t height, std::int64_t width, const Disc& disc,
                 std::uint64_t* out) {
  // A frame of zeros as wide as the disc reaches.
  const auto above = static_cast<std::int64_t>(disc.half_widths.size()) - 1;
  const std::int64_t beside = disc.half_widths[0], tall = height + 2 * above, wide = width + 2 * beside;
  const auto bit = [](const std::uint64_t* bits, std::int64_t columns, std::int64_t y, std::int64_t x) {
    return (bits[y * ((columns + 63) / 64) + x / 64] >> (x % 64) & 1) != 0;
  };
  std::vector<std::uint64_t> framed(tall * ((wide + 63) / 64)), dilated(framed.size());
  fill(tall, wide, framed.data(), [&](std::int64_t y, std::int64_t x) {
    const std::int64_t v = y - above, u = x - beside;
    return v >= 0 && v < height && u >= 0 && u < width && bit(in, width, v, u);
  });
  reference::dilate_slice(framed.data(), tall, wide, disc, dilated.data());
  reference::erode_slice(dilated.data(), tall, wide, disc, framed.data());
  fill(height, width, out,
       [&](std::int64_t y, std::int64_t x) { return bit(framed.data(), wide, y + above, x + beside); });
}

}  // namespace pleura::kernels::reference
