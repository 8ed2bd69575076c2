#pragma once
/// What the segments of a JPEG stream are told by, and their Huffman tables.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace pleura::scan {

/// Markers, without their 0xFF.
enum JpegMarker : std::uint32_t {
  sof0 = 0xC0,
  sof2 = 0xC2,
  dht = 0xC4,
  jpg = 0xC8,
  dac = 0xCC,
  sof15 = 0xCF,
  rst0 = 0xD0,
  rst7 = 0xD7,
  eoi = 0xD9,
  sos = 0xDA,
  dqt = 0xDB,
  sof55 = 0xF7  ///< of JPEG-LS
};

/// Of JPEG; JPEG-LS has sof55.
[[nodiscard]] constexpr bool is_frame_header(std::uint32_t marker) {
  return marker >= sof0 && marker <= sof15 && marker != dht && marker != jpg && marker != dac;
}

constexpr std::size_t huffman_lengths = 16;  ///< of codes, in bits

/// How many symbols a Huffman table has, by how many codes it has of each length. Nothing where the codes do not fit
/// into a binary tree.
[[nodiscard]] inline std::optional<std::size_t> huffman_symbols(std::span<const std::byte, huffman_lengths> counts) {
  std::size_t symbols = 0;
  std::int64_t free = 1;  // codes of this length that begin with no shorter one
  for (const std::byte count : counts) {
    const auto codes = std::to_integer<std::size_t>(count);
    symbols += codes;
    free = 2 * free - static_cast<std::int64_t>(codes);
    if (free < 0) return std::nullopt;
  }
  return symbols;
}

}  // namespace pleura::scan
