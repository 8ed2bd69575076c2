#pragma once
/// Branching trees of vessels and bronchi in the lungs, as tapered tubes.
#include <vector>

#include "phantom/anatomy.hpp"

namespace pleura::phantom {

/// All tubes of a patient, patient's frame, mm.
struct Trees {
  std::vector<Tube> vessels;  ///< arteries and veins: outer radii
  std::vector<Tube> bronchi;  ///< trachea and bronchi: radii of the lumen
  /// Points along the larger bronchi with the direction of the tube: where bronchial pneumonia begins.
  struct Station {
    Vec3 point, along;
    float radius;
  };
  std::vector<Station> stations;
};

/// Thickness of a bronchus' wall, mm, for the radius of its lumen.
[[nodiscard]] float wall_thickness(float lumen_radius);

/// Grown towards points spread through the lungs: each new point joins where its own way and the way back to the hilum
/// are short (Cuntz et al., PLoS Comput Biol 2010); radii by Murray's law.
[[nodiscard]] Trees grow_trees(const Anatomy& anatomy);

}  // namespace pleura::phantom
