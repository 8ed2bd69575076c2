#pragma once
/// How far two sides are apart, and how near that comes to another decision (docs/compare.md says how).
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/compare/side.hpp"

namespace pleura::api {

/// Of absolute differences, one a value; of none zeros.
struct Differences {
  double largest = 0, p99 = 0, mean = 0;
};

/// Of the segmenter's head.
struct HeadFigures {
  std::int64_t values = 0;
  double largest_logit = 0;           ///< of a, absolute: what the differences are to be seen beside
  Differences logits, probabilities;  ///< all logits; objectness, or foreground, alone
  double objectness = 0;              ///< largest difference of its logits, where a proposal is or could be
};

/// Two regions whose cubes overlap more than any others left do.
struct RegionPair {
  std::size_t a = 0, b = 0;  ///< in Side::regions
  double iou = 0;            ///< of their boxes in mm
  double logits = 0;         ///< largest difference of their images' logits
  int votes_changed = 0;     ///< images with another label, 0 to 3
};

/// How far a decision is from another, and how far what decides it moved, in one unit.
struct Margin {
  std::string decision;  ///< which is nearest to another
  double distance = 0;   ///< of the nearer side
  double moved = 0;

  /// Distance over moved; absent where nothing moved.
  [[nodiscard]] std::optional<double> ratio() const;
};

struct CompareFigures {
  std::int64_t lung_voxels = 0, lung_differences = 0;  ///< of a; voxels with another label
  std::optional<HeadFigures> head;                     ///< absent where the networks saw other grids
  std::vector<RegionPair> pairs;                       ///< in a's order
  std::vector<std::size_t> only_a, only_b;             ///< regions without a partner
  std::size_t labels_changed = 0;                      ///< of pairs
  std::int64_t votes_changed = 0;                      ///< of their images
  Differences logits, scores, confidences;             ///< of pairs: images' logits, objectness, confidence
  std::vector<Margin> margins;
  bool same_case = true;  ///< its result, and whether it reads as undecided
  bool identical = true;  ///< all of this, bit for bit

  [[nodiscard]] bool same_decisions() const {
    return same_case && labels_changed == 0 && only_a.empty() && only_b.empty();
  }
  /// The margin of least ratio; nullptr where nothing moved.
  [[nodiscard]] const Margin* closest() const;
};

[[nodiscard]] CompareFigures figures_of(const Side& a, const Side& b);

/// How far each logit of a region's images must move, at least, before the region gets another label.
[[nodiscard]] double label_distance(const Region& region);

}  // namespace pleura::api
