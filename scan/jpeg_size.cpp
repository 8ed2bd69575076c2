#include "scan/jpeg_size.hpp"

namespace pleura::scan {

std::optional<JpegSize> jpeg_size(std::span<const std::byte> stream) {
  const auto byte = [&](std::size_t at) { return std::to_integer<unsigned>(stream[at]); };
  const auto word = [&](std::size_t at) { return byte(at) << 8 | byte(at + 1); };
  constexpr std::size_t frame_header = 9;  // marker, length, precision, rows, columns
  if (stream.size() < 2 || word(0) != 0xFFD8) return std::nullopt;
  for (std::size_t at = 2; at + frame_header <= stream.size() && byte(at) == 0xFF;) {
    const unsigned marker = byte(at + 1);
    if (marker < 0xC0 || (marker >= 0xD0 && marker <= 0xD9))
      return std::nullopt;  // without length: none comes so early
    const bool huffman_or_arithmetic = marker == 0xC4 || marker == 0xC8 || marker == 0xCC;
    if ((marker >= 0xC0 && marker <= 0xCF && !huffman_or_arithmetic) || marker == 0xF7)
      return JpegSize{word(at + 5), word(at + 7)};
    at += marker == 0xFF ? 1 : 2 + std::size_t{word(at + 2)};
  }
  return std::nullopt;
}

}  // namespace pleura::scan
