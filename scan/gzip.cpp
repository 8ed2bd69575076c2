#include "scan/gzip.hpp"

#include <algorithm>
#include <array>

#include "pleura/error.hpp"

namespace pleura::scan {

GzipReader::GzipReader(const std::filesystem::path& file) : file_(gzopen(file.c_str(), "rb")) {
  if (!file_) throw Error(Status::input_refused, file.string() + ": cannot be opened");
  gzbuffer(file_.get(), 1 << 18);
}

std::size_t GzipReader::read(std::span<std::byte> bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto chunk = static_cast<unsigned>(std::min<std::size_t>(bytes.size() - done, 1U << 30));
    const int got = gzread(file_.get(), bytes.data() + done, chunk);
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

bool GzipReader::skip(std::int64_t count) {
  std::array<std::byte, 4096> scratch{};
  while (count > 0) {
    const auto chunk = static_cast<std::size_t>(std::min<std::int64_t>(count, scratch.size()));
    if (read(std::span(scratch).first(chunk)) != chunk) return false;
    count -= static_cast<std::int64_t>(chunk);
  }
  return true;
}

std::int64_t most_bytes(const std::filesystem::path& file) {
  const auto size = static_cast<std::int64_t>(std::filesystem::file_size(file));
  const std::unique_ptr<gzFile_s, CloseGzip> probe(gzopen(file.c_str(), "rb"));
  std::array<char, 1> first{};
  const bool plain = !probe || gzread(probe.get(), first.data(), 1) != 1 || gzdirect(probe.get()) != 0;
  if (plain) return size;
  return size * most_inflated;
}

}  // namespace pleura::scan
