#pragma once
/// The size that a JPEG or JPEG-LS stream promises.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace pleura::scan {

struct JpegSize {
  std::int64_t rows = 0, columns = 0;
};

/// As its frame header says; nothing where there is none, or what cannot stand before one.
[[nodiscard]] std::optional<JpegSize> jpeg_size(std::span<const std::byte> stream);

}  // namespace pleura::scan
