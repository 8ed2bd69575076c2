#pragma once
/// What a JPEG or JPEG-LS stream of DICOM says before it is decoded.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace pleura::scan {

struct JpegSize {
  std::int64_t rows = 0, columns = 0;
};

/// As its frame header says; nothing where there is none, or what cannot stand before one.
[[nodiscard]] std::optional<JpegSize> jpeg_size(std::span<const std::byte> stream);

/// True where every Huffman table of the stream, also between its scans, has one of the four numbers, codes that fit
/// into a binary tree, and as categories of DC differences (or of lossless ones) those that exist: DCMTK's decoders
/// trust them.
[[nodiscard]] bool has_possible_huffman_tables(std::span<const std::byte> stream);

}  // namespace pleura::scan
