#pragma once
/// How much may be unpacked into memory from a compressed file or an archive.
#include <algorithm>
#include <cstdint>

namespace pleura::scan {

/// What an archive or a compressed file of `packed` bytes may hold: 200 times as much (CT slices rarely pack into a
/// tenth), but 256 MiB at least and 8 GiB at most.
[[nodiscard]] constexpr std::int64_t most_unpacked(std::int64_t packed) {
  constexpr std::int64_t least = std::int64_t{256} << 20, most = std::int64_t{8} << 30, ratio = 200;
  return std::clamp(std::min(packed, most) * ratio, least, most);
}

}  // namespace pleura::scan
