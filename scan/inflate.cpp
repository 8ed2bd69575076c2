#include "scan/inflate.hpp"

#include <algorithm>
#include <new>

#include "pleura/error.hpp"

namespace pleura::scan {

StreamReader::StreamReader(const InputFile& file, std::int64_t offset, bool compressed, int window) : in_(file.open()) {
  if (!in_->seekg(offset))
    throw Error(Status::input_refused, file.path().string() + ": truncated before byte " + std::to_string(offset));
  if (!compressed) return;
  auto stream = std::make_unique<z_stream>();
  if (inflateInit2(stream.get(), window) != Z_OK)
    throw Error(Status::resources, file.path().string() + ": no memory to decompress");
  inflate_.reset(stream.release());
}

/// More compressed bytes; false where there are none.
bool StreamReader::refill() {
  if (inflate_->avail_in > 0) return true;
  in_->read(input_.data(), static_cast<std::streamsize>(input_.size()));
  inflate_->next_in = reinterpret_cast<Bytef*>(input_.data());
  inflate_->avail_in = static_cast<uInt>(in_->gcount());
  return inflate_->avail_in > 0;
}

/// A gzip file may be several, one after the other; what follows and is none is not read.
bool StreamReader::next_member() {
  constexpr Bytef first_of_gzip = 0x1F;
  return refill() && *inflate_->next_in == first_of_gzip && inflateReset(inflate_.get()) == Z_OK;
}

std::size_t StreamReader::read(std::span<std::byte> bytes) {
  if (!inflate_) {
    in_->read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return static_cast<std::size_t>(in_->gcount());
  }
  std::size_t done = 0;
  while (done < bytes.size() && refill()) {
    const auto chunk = std::min<std::size_t>(bytes.size() - done, 1U << 30);
    inflate_->next_out = reinterpret_cast<Bytef*>(bytes.data() + done);
    inflate_->avail_out = static_cast<uInt>(chunk);
    const int status = inflate(inflate_.get(), Z_NO_FLUSH);
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    done += chunk - inflate_->avail_out;
    whole_ = status == Z_STREAM_END;
    if (whole_ ? !next_member() : status != Z_OK) break;  // the end, or damage
  }
  return done;
}

bool StreamReader::skip(std::int64_t count) {
  std::array<std::byte, 4096> scratch{};
  while (count > 0) {
    const auto chunk = static_cast<std::size_t>(std::min<std::int64_t>(count, scratch.size()));
    if (read(std::span(scratch).first(chunk)) != chunk) return false;
    count -= static_cast<std::int64_t>(chunk);
  }
  return true;
}

}  // namespace pleura::scan
