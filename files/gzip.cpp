#include "files/gzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <new>

namespace pleura::files {

struct GzipWriter::Stream {
  z_stream z{};
  std::array<std::byte, 1 << 16> packed;
};

GzipWriter::GzipWriter(Sink sink) : sink_(std::move(sink)), stream_(std::make_unique<Stream>()) {
  constexpr int level = 1, gzip = MAX_WBITS + 16, memory = 8;
  if (deflateInit2(&stream_->z, level, Z_DEFLATED, gzip, memory, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc();
}

GzipWriter::~GzipWriter() { deflateEnd(&stream_->z); }

void GzipWriter::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {  // zlib counts in 32 bits
    const auto part = bytes.first(std::min<std::size_t>(bytes.size(), std::numeric_limits<uInt>::max()));
    pack(part, Z_NO_FLUSH);
    bytes = bytes.subspan(part.size());
  }
}

void GzipWriter::finish() { pack({}, Z_FINISH); }

void GzipWriter::pack(std::span<const std::byte> bytes, int flush) {
  auto& [z, packed] = *stream_;
  z.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
  z.avail_in = static_cast<uInt>(bytes.size());
  do {
    z.next_out = reinterpret_cast<Bytef*>(packed.data());
    z.avail_out = static_cast<uInt>(packed.size());
    deflate(&z, flush);
    sink_(std::span(packed).first(packed.size() - z.avail_out));
  } while (z.avail_out == 0);
}

}  // namespace pleura::files
