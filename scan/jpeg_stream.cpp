#include "scan/jpeg_stream.hpp"

#include <algorithm>

#include "scan/jpeg_markers.hpp"

namespace pleura::scan {
namespace {

using Span = std::span<const std::byte>;

unsigned byte(Span stream, std::size_t at) { return std::to_integer<unsigned>(stream[at]); }

unsigned word(Span stream, std::size_t at) { return byte(stream, at) << 8 | byte(stream, at + 1); }

bool begins_frame(unsigned marker) { return is_frame_header(marker) || marker == sof55; }

bool is_lossless(unsigned frame_header) { return frame_header % 4 == 3; }

/// Of tables: the largest category of a difference, or nothing where one of them is impossible.
std::optional<unsigned> largest_category(Span tables) {
  unsigned largest = 0;
  while (!tables.empty()) {
    const unsigned number = byte(tables, 0);
    if (number >> 4 > 1 || (number & 15) > 3 || tables.size() < 1 + huffman_lengths) return std::nullopt;
    const auto symbols = huffman_symbols(tables.subspan(1).first<huffman_lengths>());
    tables = tables.subspan(1 + huffman_lengths);
    if (!symbols || *symbols > std::min<std::size_t>(tables.size(), 256)) return std::nullopt;
    if (number >> 4 == 0)
      for (std::size_t i = 0; i < *symbols; ++i) largest = std::max(largest, byte(tables, i));
    tables = tables.subspan(*symbols);
  }
  return largest;
}

}  // namespace

std::optional<JpegSize> jpeg_size(Span stream) {
  constexpr std::size_t frame_header = 9;  // marker, length, precision, rows, columns
  if (stream.size() < 2 || word(stream, 0) != 0xFFD8) return std::nullopt;
  for (std::size_t at = 2; at + frame_header <= stream.size() && byte(stream, at) == 0xFF;) {
    const unsigned marker = byte(stream, at + 1);
    if (marker < 0xC0 || (marker >= rst0 && marker <= eoi)) return std::nullopt;  // without length: none comes so early
    if (begins_frame(marker)) return JpegSize{word(stream, at + 5), word(stream, at + 7)};
    at += marker == 0xFF ? 1 : 2 + std::size_t{word(stream, at + 2)};
  }
  return std::nullopt;
}

bool has_possible_huffman_tables(Span stream) {
  unsigned largest = 0, most = 15;
  for (std::size_t at = 0; at + 4 <= stream.size();) {
    const unsigned marker = byte(stream, at + 1);
    // Pixels, what fills the gaps between segments, and markers without a segment.
    if (byte(stream, at) != 0xFF || marker < 0xC0 || marker == 0xFF || (marker >= rst0 && marker <= eoi)) {
      ++at;
      continue;
    }
    const std::size_t length = std::max(2U, word(stream, at + 2));
    const Span segment = stream.subspan(at + 2, std::min(length, stream.size() - at - 2)).subspan(2);
    if (begins_frame(marker) && is_lossless(marker)) most = 16;
    if (marker == dht) {
      const auto category = largest_category(segment);
      if (!category) return false;
      largest = std::max(largest, *category);
    }
    at += 2 + length;
  }
  return largest <= most;
}

}  // namespace pleura::scan
