#pragma once
/// Zip and tar archives, read into memory in one pass; nothing is written to disk. Without libarchive at build time
/// every archive is refused, saying so.
#include <functional>
#include <vector>

#include "pleura/scan.hpp"
#include "scan/input_file.hpp"

namespace pleura::scan {

/// More members than this are no CT.
inline constexpr std::int64_t most_members = 100000;

/// Says by its first bytes whether a member is to be kept.
using Keep = std::function<bool(const InputFile& head)>;

/// The members of an archive on disk that `keep` wants, sorted by path. Links and encrypted members go to `refused`.
/// Throws input_refused where the archive is damaged or holds too much (most_unpacked, most_members), resources where
/// it holds more than `memory` bytes.
[[nodiscard]] std::vector<InputFile> read_archive(const std::filesystem::path& archive, const Keep& keep,
                                                  std::int64_t memory, std::vector<RefusedFile>& refused);

}  // namespace pleura::scan
