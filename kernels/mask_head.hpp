#pragma once
/// From a mask head's logits to cubes.
#include <array>
#include <cstdint>
#include <span>

#include "kernels/proposals.hpp"

namespace pleura::kernels {

/// Parts of a probability: a component's mean is in whole numbers, the same in whatever order its voxels are added.
inline constexpr std::int64_t probability_one = std::int64_t{1} << 31;

/// How a mask head, logits (1, d, h, w, 2) of background and foreground, is read.
struct MaskDecoding {
  std::array<double, 3> spacing_mm{};  ///< of the grid (z, y, x)
  double lowest_logit = 0;             ///< of foreground less background, of a voxel that counts
  std::int64_t least_voxels = 1;       ///< of a component
  std::int64_t most = most_proposals;  ///< cubes; 1 to most_proposals
};

/// Components of the foreground where `mask` is not 0, joined over their faces. Each large enough gives the smallest
/// cube around its bounding box, of the logit of its mean probability, rounded down to 2^-31; best first, equal ones in
/// the order of their first voxels. None where a voxel's logits are not finite.
[[nodiscard]] FoundCubes enclose_foreground(const runtime::TensorView& head, std::span<const std::uint8_t> mask,
                                            const MaskDecoding& how, int threads);

namespace reference {
[[nodiscard]] FoundCubes enclose_foreground(const runtime::TensorView& head, const std::vector<std::uint8_t>& mask,
                                            const MaskDecoding& how);
}  // namespace reference

}  // namespace pleura::kernels
