#pragma once
/// From anatomy, trees and findings to the HU of one slice, before the scanner's blur and noise.
#include <vector>

#include "phantom/emphysema.hpp"
#include "phantom/lesions.hpp"
#include "pleura/volume.hpp"

namespace pleura::phantom {

/// Everything that a slice is made of.
struct Scene {
  const Anatomy& anatomy;
  const Trees& trees;
  const Findings& findings;
  const Emphysema& emphysema;
  Geometry geometry;  ///< of the CT, its origin in the patient's frame
};

/// One slice, shape[1] x shape[2] pixels.
struct Slice {
  std::vector<float> hu;
  std::vector<float> depth;           ///< mm below the skin; negative outside the body
  std::vector<float> motion;          ///< mm that it moves to each side during the exposure
  std::vector<std::uint8_t> lungs;    ///< 0 outside, 1 left, 2 right
  std::vector<std::uint8_t> lesions;  ///< 0, or 1 + the index of the finding
};

/// Averages the anatomy over the slice's thickness, as a scanner does.
[[nodiscard]] Slice render_slice(const Scene& scene, std::int64_t z);

}  // namespace pleura::phantom
