#pragma once
/// Parting two lungs that touch.
#include <cstdint>

#include "kernels/bit_volume.hpp"

namespace pleura::kernels {

/// Lets `left` and `right` grow in `joined`, a voxel in the slice each step, and along z too at each step that is a
/// multiple of `period` (>= 1), until no step changes anything. Where they meet in one step, left has it.
void grow_apart(BitVolume& left, BitVolume& right, const BitVolume& joined, std::int64_t period, int threads);

namespace reference {
void grow_apart(BitVolume& left, BitVolume& right, const BitVolume& joined, std::int64_t period);
}  // namespace reference

}  // namespace pleura::kernels
