#pragma once
/// Files that may be gzipped.
#include <cstdint>

#include "scan/inflate.hpp"
#include "scan/input_file.hpp"

namespace pleura::scan {

/// Deflate never packs more than this into one byte.
inline constexpr std::int64_t most_inflated = 1032;

/// Whether a file's first bytes are gzip's.
[[nodiscard]] bool is_gzip(const InputFile& file);

/// A file from its first byte on, decompressed as it is read where it is gzipped.
[[nodiscard]] StreamReader open_gzip(const InputFile& file);

/// A gzipped file, decompressed into memory under its own path. Throws input_refused where it is damaged or holds too
/// much (most_unpacked), resources where it holds more than `most_memory` bytes.
[[nodiscard]] InputFile decompressed(const InputFile& file, std::int64_t most_memory);

/// The most bytes that a file can hold once decompressed: its size where plain, deflate's limit of 1032 times it where
/// gzipped.
[[nodiscard]] std::int64_t most_bytes(const InputFile& file);

}  // namespace pleura::scan
