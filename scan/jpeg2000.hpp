#pragma once
/// JPEG 2000 through OpenJPEG.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace pleura::scan {

/// Decodes one grey image (a code stream, or one in a JP2 box) of exactly rows x columns pixels. Throws input_refused,
/// the message starting with `name`, where it is damaged or another size, before its pixels take memory.
[[nodiscard]] std::vector<std::int32_t> decode_jpeg2000(std::span<const std::byte> stream, std::int64_t rows,
                                                        std::int64_t columns, const std::string& name);

}  // namespace pleura::scan
