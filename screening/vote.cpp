#include "screening/vote.hpp"

#include <algorithm>
#include <cmath>

namespace pleura::screening {

double log_one_minus_largest(const std::array<double, 3>& logits) {
  std::array<double, 3> falling = logits;
  std::sort(falling.begin(), falling.end(), std::greater<>());
  // 1 - p = t / (1 + t), where t is the sum of the two smaller exponentials over the largest.
  const double log_t = falling[1] - falling[0] + std::log1p(std::exp(falling[2] - falling[1]));
  return log_t - std::log1p(std::exp(log_t));
}

ImageVote classify_image(const std::array<double, 3>& logits) {
  ImageVote image;
  image.logits = logits;
  const auto largest = std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (int k = 0; k < 3; ++k) sum += image.probabilities[k] = std::exp(logits[k] - *largest);
  for (double& p : image.probabilities) p /= sum;
  const auto label = largest - logits.begin();
  image.label = static_cast<Label>(label);
  image.confidence = image.probabilities[label];
  return image;
}

int vote(const std::array<ImageVote, 3>& images) {
  std::array<int, 3> agreeing{};
  for (const ImageVote& image : images) ++agreeing[static_cast<int>(image.label)];
  const auto dominant = std::find_if(agreeing.begin(), agreeing.end(), [](int n) { return n >= 2; });

  std::array<double, 3> doubt{};
  for (int i = 0; i < 3; ++i) doubt[i] = log_one_minus_largest(images[i].logits);
  int best = -1;
  for (int i = 0; i < 3; ++i) {
    if (dominant != agreeing.end() && static_cast<int>(images[i].label) != dominant - agreeing.begin()) continue;
    if (best < 0 || doubt[i] < doubt[best] || (doubt[i] == doubt[best] && images[i].label < images[best].label))
      best = i;
  }
  return best;
}

void apply_vote(Region& region) {
  const ImageVote& speaker = region.votes[vote(region.votes)];
  region.label = speaker.label;
  region.confidence = speaker.confidence;
  region.log_one_minus_confidence = log_one_minus_largest(speaker.logits);
  region.distance_from_edge = region.votes[1].distance_from_edge;
}

}  // namespace pleura::screening
