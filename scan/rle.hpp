#pragma once
/// DICOM's RLE (PS3.5 annex G), our own: DCMTK 3.6.7's decoder reads outside of its buffer where a frame's offsets are
/// damaged.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace pleura::scan {

/// Decodes one grey frame: a segment of packed bytes for each byte of a pixel, the highest first. Throws input_refused,
/// the message starting with `name`, where it is damaged or does not fill the pixels.
[[nodiscard]] std::vector<std::int32_t> decode_rle(std::span<const std::byte> frame, std::int64_t pixels,
                                                   int bytes_per_pixel, const std::string& name);

}  // namespace pleura::scan
