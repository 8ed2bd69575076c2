#include "evaluate/matching.hpp"

#include <algorithm>

namespace pleura::evaluate {

double iou(const WorldBox& a, const WorldBox& b) {
  double shared = 1, volume_a = 1, volume_b = 1;
  for (int k = 0; k < 3; ++k) {
    shared *= std::max(0.0, std::min(a.high[k], b.high[k]) - std::max(a.low[k], b.low[k]));
    volume_a *= a.high[k] - a.low[k];
    volume_b *= b.high[k] - b.low[k];
  }
  return shared / (volume_a + volume_b - shared);
}

std::vector<int> hits(const WorldBox& cube, const std::vector<Lesion>& lesions) {
  std::vector<int> found;
  for (std::size_t i = 0; i < lesions.size(); ++i) {
    const WorldBox& box = lesions[i].box;
    bool inside = true;
    for (int k = 0; k < 3; ++k) {
      const double centre = (cube.low[k] + cube.high[k]) / 2;
      inside = inside && box.low[k] <= centre && centre <= box.high[k];
    }
    if (inside || iou(cube, box) >= kHitIou) found.push_back(static_cast<int>(i));
  }
  return found;
}

std::optional<Label> true_label(const WorldBox& cube, const std::vector<Lesion>& lesions) {
  const std::vector<int> found = hits(cube, lesions);
  if (found.empty()) return Label::irrelevant;
  const int best = *std::max_element(
      found.begin(), found.end(), [&](int a, int b) { return iou(cube, lesions[a].box) < iou(cube, lesions[b].box); });
  switch (lesions[best].finding) {
    case Finding::covid19:
      return Label::covid19;
    case Finding::influenza_a:
      return Label::influenza_a;
    case Finding::irrelevant:
      return Label::irrelevant;
    case Finding::ignored:
      break;
  }
  return std::nullopt;
}

}  // namespace pleura::evaluate
