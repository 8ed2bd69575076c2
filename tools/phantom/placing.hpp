#pragma once
/// Draws where findings lie and how they begin; findings.cpp and irrelevant.cpp say which.
#include "phantom/lesions.hpp"
#include "phantom/random.hpp"

namespace pleura::phantom {

/// Depth of the deepest point of usual lungs, mm below the nearest pleura.
constexpr float usual_depth_mm = 47;

/// Where a finding's centre may lie.
struct Place {
  float shallowest, deepest;  ///< mm below the nearest pleura in usual lungs, in others in proportion to their depth
  bool costal;                ///< the nearest pleura is the ribs' or the diaphragm's, not the mediastinum's
  bool beside = false;        ///< the nearest pleura lies in about the same slice: not the diaphragm's, not the apex's
  float back = 0.5F;          ///< chance that the front half is passed over
  float low = 0.3F;           ///< chance that the upper half is passed over
};

/// One stream of findings in one pair of lungs.
class Drawer {
 public:
  Drawer(const Host& host, std::uint64_t seed, std::string_view stream);

  float between(double low, double high) { return static_cast<float>(random_.uniform(low, high)); }
  Random& random() { return random_; }

  /// A finding without a size, turned at random.
  Lesion start(Label label, const char* kind, Vec3 centre);
  /// A point of such a place. Where none was found, of the points seen that meet all else the one nearest to its
  /// depths; where none meets that, any point of the lungs.
  Vec3 find(const Place& place);
  /// A point along a bronchus whose lumen has such a radius, at least so far below the pleura (mm, as of a Place).
  /// Where none was found, the deepest seen of such a radius; where none has it, the last of all.
  Trees::Station station(float narrowest, float widest, float depth);
  /// Into the lung, away from the nearest pleura: a unit vector.
  [[nodiscard]] Vec3 inward(Vec3 p) const;

 private:
  Vec3 anywhere();  // a point of the box around the lungs

  const Host& host_;
  Random random_;
  float scale_;  // ratio of these lungs' depth to usual lungs'
};

/// The finding's first axis along a direction, the others across it.
void orient(Lesion& lesion, Vec3 first);

/// What is neither pneumonia: traps that any patient may have (irrelevant.cpp).
[[nodiscard]] Lesion draw_irrelevant(Drawer& draw);

}  // namespace pleura::phantom
