#pragma once
/// Which lesion a proposed cube stands for. The paper does not say how its regions were matched; this is ours [D], near
/// to LUNA16's rule (a centre within the nodule): a cube hits a box where the cube's centre lies in the box or their
/// IoU is at least 0.15.
#include <optional>
#include <vector>

#include "evaluate/cohort.hpp"

namespace pleura::evaluate {

inline constexpr double kHitIou = 0.15;

/// Intersection over union of two boxes' volumes.
[[nodiscard]] double iou(const WorldBox& a, const WorldBox& b);

/// Indices of the lesions that a cube hits.
[[nodiscard]] std::vector<int> hits(const WorldBox& cube, const std::vector<Lesion>& lesions);

/// The true class of a region: that of the lesion it hits, of several the one of largest IoU; irrelevant where it hits
/// none, however near (the paper's 'irrelevant to infection'); none where that lesion is to be ignored.
[[nodiscard]] std::optional<Label> true_label(const WorldBox& cube, const std::vector<Lesion>& lesions);

}  // namespace pleura::evaluate
