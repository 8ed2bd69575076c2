#pragma once
/// A mask head's probabilities as whole numbers: a component's mean is the same in whatever order its voxels are added.
#include <cstdint>

namespace pleura::kernels {

/// Parts of a probability.
inline constexpr std::int64_t probability_one = std::int64_t{1} << 31;

}  // namespace pleura::kernels
