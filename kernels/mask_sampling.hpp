#pragma once
/// A label mask on another grid.
#include <array>
#include <cstdint>
#include <vector>

#include "kernels/host_device.hpp"
#include "kernels/resample.hpp"

namespace pleura::kernels {

/// The old sample nearest new one k, or -1 outside of `size` old ones; where two are as near, the one of higher index.
PLEURA_HOST_DEVICE inline std::int64_t nearest_sample(const ResampleAxis& axis, std::int64_t k, std::int64_t size) {
  const std::int64_t halves = 2 * (axis.first + k * axis.step) + axis.unit;
  const std::int64_t index = halves < 0 ? -1 : halves / (2 * axis.unit);
  return index < size ? index : -1;
}

/// Nearest neighbours of a mask of some shape; 0 outside of it.
[[nodiscard]] std::vector<std::uint8_t> sample_mask(const std::vector<std::uint8_t>& mask, const Index3& shape,
                                                    const std::array<ResampleAxis, 3>& axes, int threads);

namespace reference {
[[nodiscard]] std::vector<std::uint8_t> sample_mask(const std::vector<std::uint8_t>& mask, const Index3& shape,
                                                    const std::array<ResampleAxis, 3>& axes);
}  // namespace reference

}  // namespace pleura::kernels
