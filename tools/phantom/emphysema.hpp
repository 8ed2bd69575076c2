#pragma once
/// Lungs that have lost tissue: over-inflated, with holes amid the lobules, whole regions nearly empty, and bullae.
#include <cstdint>
#include <vector>

#include "phantom/anatomy.hpp"

namespace pleura::phantom {

enum class EmphysemaDistribution { diffuse, upper, lower, bullous };

[[nodiscard]] const char* to_string(EmphysemaDistribution distribution);

struct EmphysemaOptions {
  double severity = 0;  ///< 0: none, to 1: the lung's densest parts are near air
  EmphysemaDistribution distribution = EmphysemaDistribution::diffuse;
};

/// The patient with the chest that goes with it: domes low, the chest deep and long.
[[nodiscard]] Patient over_inflated(Patient patient, const EmphysemaOptions& options);

class Emphysema {
 public:
  /// None.
  Emphysema() = default;
  Emphysema(const Anatomy& anatomy, const EmphysemaOptions& options);

  [[nodiscard]] bool is_none() const { return options_.severity <= 0; }

  /// Parenchyma of so many HU at a point of the lungs (the patient's frame), with what it has lost.
  [[nodiscard]] float hu_at(Vec3 p, float hu) const;
  /// 1 within a bulla, where no vessels are, 0 outside.
  [[nodiscard]] float bulla_at(Vec3 p) const;

 private:
  struct Bulla {
    Vec3 centre, radii;
  };

  [[nodiscard]] float share_lost(Vec3 p) const;
  void draw_bullae();

  const Anatomy* anatomy_ = nullptr;
  EmphysemaOptions options_;
  std::vector<Bulla> bullae_;
};

}  // namespace pleura::phantom
