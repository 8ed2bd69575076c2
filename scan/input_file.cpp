#include "scan/input_file.hpp"

#include <cerrno>
#include <fstream>
#include <streambuf>

#include "files/read.hpp"
#include "pleura/error.hpp"

namespace pleura::scan {
namespace {

/// Bytes that lie elsewhere, as a stream's buffer.
class MemoryBuffer : public std::streambuf {
 public:
  explicit MemoryBuffer(std::span<const std::byte> bytes) {
    auto* begin = const_cast<char*>(reinterpret_cast<const char*>(bytes.data()));  // only ever read
    setg(begin, begin, begin + bytes.size());
  }

 private:
  pos_type seekoff(off_type offset, std::ios_base::seekdir from, std::ios_base::openmode /*which*/) override {
    const off_type base = from == std::ios_base::beg ? 0 : (from == std::ios_base::cur ? gptr() : egptr()) - eback();
    if (offset < -base || offset > egptr() - eback() - base) return off_type{-1};
    setg(eback(), eback() + base + offset, egptr());
    return base + offset;
  }

  pos_type seekpos(pos_type position, std::ios_base::openmode which) override {
    return seekoff(position, std::ios_base::beg, which);
  }
};

class MemoryStream : public std::istream {
 public:
  explicit MemoryStream(std::span<const std::byte> bytes) : std::istream(nullptr), buffer_(bytes) { rdbuf(&buffer_); }

 private:
  MemoryBuffer buffer_;
};

}  // namespace

std::int64_t InputFile::size() const {
  if (!on_disk()) return static_cast<std::int64_t>(bytes().size());
  std::error_code error;
  const auto size = std::filesystem::file_size(path_, error);
  if (error) throw files::unreadable(path_, error.value(), Status::input_refused);
  return static_cast<std::int64_t>(size);
}

std::unique_ptr<std::istream> InputFile::open() const {
  if (!on_disk()) return std::make_unique<MemoryStream>(bytes());
  auto stream = std::make_unique<std::ifstream>(path_, std::ios::binary);
  if (!*stream) throw files::unreadable(path_, errno, Status::input_refused);
  return stream;
}

std::optional<InputFile> InputFile::sibling(const std::filesystem::path& name) const {
  const auto path = path_.parent_path() / name;
  if (on_disk()) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) return std::nullopt;
    return InputFile(path);
  }
  const auto member = path.lexically_normal();
  if (!memory_->contains(member)) return std::nullopt;
  return InputFile(member, memory_);
}

}  // namespace pleura::scan
