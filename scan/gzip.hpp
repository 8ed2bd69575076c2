#pragma once
/// Files read through zlib: gzipped or plain alike.
#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace pleura::scan {

/// Deflate never packs more than this into one byte.
inline constexpr std::int64_t most_inflated = 1032;

struct CloseGzip {
  void operator()(gzFile file) const { gzclose(file); }
};

/// A file open for reading, decompressed as it is read where it is gzipped.
class GzipReader {
 public:
  /// Throws input_refused where the file cannot be opened.
  explicit GzipReader(const std::filesystem::path& file);

  /// Reads up to bytes.size() bytes; fewer at the end of the file or where it is damaged.
  [[nodiscard]] std::size_t read(std::span<std::byte> bytes);

  /// Passes over bytes; false where the file ends before.
  [[nodiscard]] bool skip(std::int64_t count);

 private:
  std::unique_ptr<gzFile_s, CloseGzip> file_;
};

/// The most bytes that a file can hold once decompressed: its size where plain, deflate's limit of 1032 times it where
/// gzipped.
[[nodiscard]] std::int64_t most_bytes(const std::filesystem::path& file);

}  // namespace pleura::scan
