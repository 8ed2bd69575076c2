#pragma once
/// Part of a file, read as it is or decompressed (zlib or gzip) on the way.
#include <zlib.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <istream>
#include <memory>
#include <span>

#include "scan/input_file.hpp"

namespace pleura::scan {

class StreamReader {
 public:
  static constexpr int zlib_or_gzip = 15 + 32, raw_deflate = -15;  ///< windows, as zlib numbers them

  /// From a byte offset on. Throws input_refused where the file cannot be opened.
  StreamReader(const InputFile& file, std::int64_t offset, bool compressed, int window = zlib_or_gzip);

  /// Fills bytes; fewer where the stream ends or is damaged. Throws bad_alloc.
  [[nodiscard]] std::size_t read(std::span<std::byte> bytes);

  /// Passes over bytes; false where the stream ends before.
  [[nodiscard]] bool skip(std::int64_t count);

  /// Whether a compressed stream, read to its end, ended as it says, its checksum right.
  [[nodiscard]] bool whole() const { return whole_; }

 private:
  struct EndInflate {
    void operator()(z_stream* stream) const {
      inflateEnd(stream);
      delete stream;
    }
  };

  bool refill();
  bool next_member();

  std::unique_ptr<std::istream> in_;
  std::unique_ptr<z_stream, EndInflate> inflate_;  ///< where compressed
  std::array<char, 1 << 16> input_{};
  bool whole_ = false;
};

}  // namespace pleura::scan
