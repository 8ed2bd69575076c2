#pragma once
/// Bytes packed as a gzip file.
#include <memory>
#include <span>

#include "files/replace.hpp"

namespace pleura::files {

/// Packs fast (level 1) what it is given, in order, into a sink. The same bytes give the same file.
class GzipWriter {
 public:
  explicit GzipWriter(Sink sink);
  ~GzipWriter();
  GzipWriter(const GzipWriter&) = delete;
  GzipWriter& operator=(const GzipWriter&) = delete;

  void write(std::span<const std::byte> bytes);

  /// Call once, last.
  void finish();

 private:
  struct Stream;
  void pack(std::span<const std::byte> bytes, int flush);

  Sink sink_;
  std::unique_ptr<Stream> stream_;
};

}  // namespace pleura::files
