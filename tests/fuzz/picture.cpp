/// PNG, JPEG or BMP. A PNG's checksums are made right, for else hardly a change would get past them.
#include "scan/picture.hpp"

#include <zlib.h>

#include "tests/fuzz/fuzz.hpp"

using namespace pleura;

namespace {

void mend_checksums(scan::Bytes& png) {
  constexpr std::size_t signature = 8, around = 12;  // length, kind and checksum
  if (png.size() < signature || std::to_integer<int>(png[0]) != 0x89) return;
  for (std::size_t at = signature; at + around <= png.size();) {
    std::span<const std::byte> head(png.data() + at, 4);
    const std::size_t length = scan::take_number(head, 4);
    if (length > png.size() - at - around) return;
    auto sum = static_cast<std::uint32_t>(
        crc32(0, reinterpret_cast<const Bytef*>(png.data() + at + 4), static_cast<uInt>(length + 4)));
    at += length + around;
    for (std::size_t i = 1; i <= 4; ++i, sum >>= 8) png[at - i] = static_cast<std::byte>(sum);
  }
}

}  // namespace

PLEURA_FUZZ_TARGET {
  auto bytes = fuzz::bytes_of(data);
  mend_checksums(bytes);
  const auto file = fuzz::in_memory("a.png", std::move(bytes));
  (void)scan::read_picture_size(file);
  (void)scan::read_picture(file);
}
