#pragma once
/// From the regions to the case: the Noisy-OR Bayesian function and the three report strategies (paper 2.6.2).
#include <vector>

#include "pleura/result.hpp"

namespace pleura::screening {

/// Sum of log(1 - P_i) over the regions of one type, 0 where there is none. Added from the smallest to the largest, so
/// that the order of the regions changes no bit of it.
[[nodiscard]] double log_noisy_or_complement(const std::vector<Region>& regions, Label type);

/// P of both types, which one dominates, and what the paper exports for it. Irrelevant regions are ignored. The type
/// with the lower sum of log(1 - P_i) dominates, so that two P that both round to 1 still compare; equal sums go to
/// COVID-19 [D].
[[nodiscard]] CaseResult decide_case(const std::vector<Region>& regions);

}  // namespace pleura::screening
