#pragma once
/// How much may be unpacked into memory from a compressed file or an archive.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <limits>

#include "pleura/error.hpp"

namespace pleura::scan {

inline constexpr std::int64_t no_bound = std::numeric_limits<std::int64_t>::max();

/// What an archive or a compressed file of `packed` bytes may hold: 200 times as much (CT slices rarely pack into a
/// tenth), but 256 MiB at least and 8 GiB at most.
[[nodiscard]] constexpr std::int64_t most_unpacked(std::int64_t packed, std::int64_t least = std::int64_t{256} << 20,
                                                   std::int64_t most = std::int64_t{8} << 30) {
  constexpr std::int64_t ratio = 200;
  return std::clamp(std::min(packed, most) * ratio, least, most);
}

/// Of a file that unpacks to more than the memory that is left for it.
[[nodiscard]] inline Error too_large_for_memory(const std::filesystem::path& file, std::int64_t memory) {
  return {Status::resources, file.string() + ": more than the " + std::to_string(memory >> 20) +
                                 " MiB that may be used once unpacked (--memory, memory_bytes)"};
}

}  // namespace pleura::scan
