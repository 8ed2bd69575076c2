#pragma once
/// Whole models of random weights (docs/weights-format.md, "Random weights").
#include "pleura/weights.hpp"
#include "weights/model.hpp"

namespace pleura::weights {

/// Segmenter and both classifiers, or one classifier alone. Throws Error(usage) for an unknown architecture or widths
/// that it cannot have.
[[nodiscard]] Model random_model(const RandomWeights& what);

}  // namespace pleura::weights
