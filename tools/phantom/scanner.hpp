#pragma once
/// What a CT scanner does to a slice: the blur of its reconstruction kernel, noise of the kernel's texture, padding.
#include <cstdint>
#include <vector>

#include "phantom/phantom.hpp"
#include "phantom/render.hpp"

namespace pleura::phantom {

struct Scanner {
  std::uint64_t seed = 0;
  float kernel = 0.4F;           ///< sharpness, 0 (soft tissue) to 1 (lung)
  float noise = 16;              ///< HU, deviation in the middle of the body
  std::int16_t padding = -1024;  ///< outside the round field of view
};

/// A scanner for a geometry, drawn from the seed where the acquisition leaves it open.
[[nodiscard]] Scanner draw_scanner(std::uint64_t seed, const Acquisition& acquisition);

/// The scanner's noise in one slice, HU, shape[1] x shape[2]: the deviation and texture of its kernel.
[[nodiscard]] std::vector<float> scanner_noise(const Scanner& scanner, const Geometry& geometry, std::int64_t z);

/// The slice as the scanner writes it, shape[1] x shape[2] int16 HU.
[[nodiscard]] std::vector<std::int16_t> scan_slice(const Scanner& scanner, const Geometry& geometry, const Slice& slice,
                                                   std::int64_t z);

}  // namespace pleura::phantom
