#pragma once
/// One slice of HU into bits.
#include <cstdint>

namespace pleura::kernels {

/// Bit (y, x) of `bits` (rows of (width + 63) / 64 words, as in BitVolume) is hu[y * width + x] < below.
void threshold_slice(const std::int16_t* hu, std::int64_t height, std::int64_t width, int below, std::uint64_t* bits);

namespace reference {
void threshold_slice(const std::int16_t* hu, std::int64_t height, std::int64_t width, int below, std::uint64_t* bits);
}  // namespace reference

}  // namespace pleura::kernels
