#include "scan/inflate.hpp"

#include <algorithm>

#include "pleura/error.hpp"

namespace pleura::scan {

StreamReader::StreamReader(const std::filesystem::path& file, std::int64_t offset, bool compressed)
    : in_(file, std::ios::binary) {
  if (!in_.seekg(offset)) throw Error(Status::input_refused, file.string() + ": cannot be opened");
  if (!compressed) return;
  auto stream = std::make_unique<z_stream>();
  constexpr int zlib_or_gzip = 15 + 32;
  if (inflateInit2(stream.get(), zlib_or_gzip) != Z_OK)
    throw Error(Status::resources, file.string() + ": no memory to decompress");
  inflate_.reset(stream.release());
}

std::size_t StreamReader::read(std::span<std::byte> bytes) {
  if (!inflate_) {
    in_.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return static_cast<std::size_t>(in_.gcount());
  }
  std::size_t done = 0;
  while (done < bytes.size()) {
    if (inflate_->avail_in == 0) {
      in_.read(input_.data(), static_cast<std::streamsize>(input_.size()));
      inflate_->next_in = reinterpret_cast<Bytef*>(input_.data());
      inflate_->avail_in = static_cast<uInt>(in_.gcount());
      if (inflate_->avail_in == 0) break;
    }
    const auto chunk = std::min<std::size_t>(bytes.size() - done, 1U << 30);
    inflate_->next_out = reinterpret_cast<Bytef*>(bytes.data() + done);
    inflate_->avail_out = static_cast<uInt>(chunk);
    const int status = inflate(inflate_.get(), Z_NO_FLUSH);
    done += chunk - inflate_->avail_out;
    if (status != Z_OK) break;  // the end, or damage
  }
  return done;
}

}  // namespace pleura::scan
