#include "weights/h5read/bytes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <system_error>

namespace pleura::h5read {
namespace {

/// Bob Jenkins' lookup3 hash (public domain), little endian, initial value 0.
std::uint32_t lookup3(std::span<const std::uint8_t> key) {
  using std::rotl;
  std::uint32_t a = 0xdeadbeefU + static_cast<std::uint32_t>(key.size()), b = a, c = a;
  const auto add = [&](std::size_t bytes) {
    const auto word = [&](std::size_t from) {
      std::uint32_t sum = 0;
      for (std::size_t i = from; i < std::min(from + 4, bytes); ++i) sum |= std::uint32_t{key[i]} << 8 * (i - from);
      return sum;
    };
    a += word(0);
    b += word(4);
    c += word(8);
  };
  while (key.size() > 12) {
    add(12);
    a -= c, a ^= rotl(c, 4), c += b;
    b -= a, b ^= rotl(a, 6), a += c;
    c -= b, c ^= rotl(b, 8), b += a;
    a -= c, a ^= rotl(c, 16), c += b;
    b -= a, b ^= rotl(a, 19), a += c;
    c -= b, c ^= rotl(b, 4), b += a;
    key = key.subspan(12);
  }
  if (key.empty()) return c;
  add(key.size());
  c ^= b, c -= rotl(b, 14);
  a ^= c, a -= rotl(c, 11);
  b ^= a, b -= rotl(a, 25);
  c ^= b, c -= rotl(b, 16);
  a ^= c, a -= rotl(c, 4);
  b ^= a, b -= rotl(a, 14);
  c ^= b, c -= rotl(b, 24);
  return c;
}

[[noreturn]] void throw_errno() { throw std::system_error(errno, std::generic_category()); }

}  // namespace

std::uint64_t Cursor::number(std::size_t bytes) {
  std::uint64_t value = 0;
  const auto taken = take(bytes);
  for (std::size_t i = 0; i < bytes; ++i) value |= std::uint64_t{taken[i]} << 8 * i;
  return value;
}

std::span<const std::uint8_t> Cursor::take(std::size_t bytes) {
  if (bytes > bytes_.size()) throw Damaged("a structure that ends early");
  const auto taken = bytes_.first(bytes);
  bytes_ = bytes_.subspan(bytes);
  return taken;
}

std::string Cursor::text(std::size_t bytes) {
  const auto taken = take(bytes);
  return {taken.begin(), taken.end()};
}

void Cursor::expect(std::string_view signature) {
  if (text(signature.size()) != signature) throw Damaged("a damaged structure");
}

FileBytes::Descriptor::Descriptor(const std::filesystem::path& file)
    : number(::open(file.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (number < 0) throw_errno();
}

FileBytes::Descriptor::~Descriptor() { ::close(number); }

std::uint64_t FileBytes::Descriptor::bytes() const {
  struct stat status {};
  if (::fstat(number, &status) != 0) throw_errno();
  return static_cast<std::uint64_t>(status.st_size);
}

FileBytes::FileBytes(const std::filesystem::path& file)
    : file_(file), size_(file_.bytes()), budget_(2 * size_ + (1U << 16)) {}

Bytes FileBytes::read(std::uint64_t address, std::uint64_t bytes) {
  constexpr std::uint64_t each = 16;  // so that even empty pieces come to an end
  if (address > size_ || bytes > size_ - address)
    throw Damaged("an address beyond the end of the file: it may be cut off");
  if (bytes + each > budget_) throw Damaged("more structure than the file has bytes");
  budget_ -= bytes + each;
  Bytes piece(bytes);
  read_data(address, piece);
  return piece;
}

void FileBytes::read_data(std::uint64_t address, std::span<std::uint8_t> target) const {
  if (address > size_ || target.size() > size_ - address)
    throw Damaged("an address beyond the end of the file: it may be cut off");
  while (!target.empty()) {
    const ssize_t got = ::pread(file_.number, target.data(), target.size(), static_cast<off_t>(address));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_errno();
    if (got == 0) throw Damaged("fewer bytes than when it was opened");
    target = target.subspan(static_cast<std::size_t>(got));
    address += static_cast<std::uint64_t>(got);
  }
}

void require_checksum(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < 4) throw Damaged("a structure that ends early");
  const auto covered = bytes.first(bytes.size() - 4);
  if (Cursor(bytes.last(4)).u32() != lookup3(covered)) throw Damaged("a wrong checksum");
}

}  // namespace pleura::h5read
