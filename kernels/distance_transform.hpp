#pragma once
/// Exact squared Euclidean distances on an anisotropic grid.
#include <array>
#include <cstdint>
#include <vector>

#include "pleura/volume.hpp"

namespace pleura::kernels {

/// The distance of every voxel where nothing is set.
inline constexpr std::int64_t no_distance = std::int64_t{1} << 62;

/// Squared distance, in square units of the spacing (whole numbers such as micrometres, (z, y, x)), from each voxel's
/// centre to the nearest centre of a voxel that is not 0. Each axis may reach 2^30 units.
[[nodiscard]] std::vector<std::int64_t> squared_distances(const std::vector<std::uint8_t>& mask, const Index3& shape,
                                                          const std::array<std::int64_t, 3>& spacing, int threads);

namespace reference {
[[nodiscard]] std::vector<std::int64_t> squared_distances(const std::vector<std::uint8_t>& mask, const Index3& shape,
                                                          const std::array<std::int64_t, 3>& spacing);
}  // namespace reference

}  // namespace pleura::kernels
