#include "scan/rle.hpp"

#include <algorithm>

#include "pleura/error.hpp"
#include "scan/bytes.hpp"

namespace pleura::scan {
namespace {

constexpr std::size_t header_bytes = 64;  // the number of segments and up to 15 offsets, 4 bytes each

/// PackBits: n < 128 copies n + 1 bytes, n > 128 repeats the next one 257 - n times, 128 does nothing. True where all
/// is filled.
bool unpack(std::span<const std::byte> packed, std::span<std::byte> bytes) {
  std::size_t in = 0, out = 0;
  while (out < bytes.size() && in < packed.size()) {
    const auto n = std::to_integer<std::size_t>(packed[in++]);
    if (n == 128) continue;
    const std::size_t count = std::min(n < 128 ? n + 1 : 257 - n, bytes.size() - out);
    if (in + (n < 128 ? count : 1) > packed.size()) return false;
    if (n < 128) {
      std::copy_n(packed.begin() + static_cast<std::ptrdiff_t>(in), count,
                  bytes.begin() + static_cast<std::ptrdiff_t>(out));
      in += count;
    } else {
      std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(out), count, packed[in++]);
    }
    out += count;
  }
  return out == bytes.size();
}

}  // namespace

std::vector<std::int32_t> decode_rle(std::span<const std::byte> frame, std::int64_t pixels, int bytes_per_pixel,
                                     const std::string& name) {
  const auto refuse = [&](const std::string& why) {
    return Error(Status::input_refused, name + ": damaged RLE frame (" + why + ")");
  };
  if (frame.size() < header_bytes) throw refuse(std::to_string(frame.size()) + " bytes");
  const auto word = [&](int i) { return load<std::uint32_t>(frame, 4 * static_cast<std::size_t>(i), false); };
  if (word(0) != static_cast<std::uint32_t>(bytes_per_pixel))
    throw refuse(std::to_string(word(0)) + " segments, expected " + std::to_string(bytes_per_pixel));
  std::vector<std::int32_t> values(static_cast<std::size_t>(pixels));
  std::vector<std::byte> bytes(values.size());
  for (int segment = 0; segment < bytes_per_pixel; ++segment) {
    const std::size_t begin = word(1 + segment);
    const std::size_t end = segment + 1 < bytes_per_pixel ? word(2 + segment) : frame.size();
    if (begin < header_bytes || begin > end || end > frame.size())
      throw refuse("segment " + std::to_string(segment + 1) + " lies outside");
    if (!unpack(frame.subspan(begin, end - begin), bytes))
      throw refuse("segment " + std::to_string(segment + 1) + " is too short");
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = values[i] << 8 | std::to_integer<std::int32_t>(bytes[i]);
  }
  return values;
}

}  // namespace pleura::scan
