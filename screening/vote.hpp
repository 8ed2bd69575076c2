#pragma once
/// From the classifier's logits to the label of an image, and from a region's three images to the label of the region
/// (paper 2.6.1). All in double, so that confidences that round to 1 still compare.
#include <array>

#include "pleura/result.hpp"

namespace pleura::screening {

/// log(1 - p) for the largest of three softmax probabilities, from the logits: finite and exact where p rounds to 1.
/// Logits must be finite. Swapping the two smaller logits gives the same bits.
[[nodiscard]] double log_one_minus_largest(const std::array<double, 3>& logits);

/// Label, confidence and probabilities of one image; equal logits go to the first in the order of Label [D].
[[nodiscard]] ImageVote classify_image(const std::array<double, 3>& logits);

/// Index of the image that speaks for the region: where two or more images agree, the most confident of that label;
/// else the most confident of all. Ties [D]: COVID-19 before influenza-A before irrelevant, then the lower index.
[[nodiscard]] int vote(const std::array<ImageVote, 3>& images);

/// Gives a region the label, confidences and distance that its images (already in `votes`) vote for.
void apply_vote(Region& region);

}  // namespace pleura::screening
