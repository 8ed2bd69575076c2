#pragma once
/// Holes of a binary volume: zeros that do not reach its border.
#include "kernels/bit_volume.hpp"
#include "kernels/components.hpp"

namespace pleura::kernels {

/// Sets every hole of at most `max_voxels`. in_slice: components of zeros (4 neighbours) that touch no edge of their
/// slice; in_volume: components of zeros (6 neighbours) that touch no face of the volume.
void fill_holes(BitVolume& bits, Connectivity connectivity, std::int64_t max_voxels, int threads);

namespace reference {
void fill_holes(BitVolume& bits, Connectivity connectivity, std::int64_t max_voxels);
}  // namespace reference

}  // namespace pleura::kernels
