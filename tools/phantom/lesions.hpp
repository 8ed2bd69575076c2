#pragma once
/// Findings of the lungs: COVID-19, influenza A, and what is neither (paper 2.4's three classes).
///
/// The classes overlap in density, size and place on purpose, as they do in patients: what tells them apart is the
/// whole of shape, edge, texture and distance from the pleura. Their looks follow the paper's figures 1 and 3 and its
/// section 4, and where they lie its section 2.5.1.
#include <string>
#include <vector>

#include "phantom/host.hpp"
#include "pleura/result.hpp"

namespace pleura::phantom {

/// One finding: a ragged ellipsoid of some density, cut off by the pleura or growing along it.
struct Lesion {
  Label label = Label::irrelevant;
  std::string kind;
  Vec3 centre;
  std::array<Vec3, 3> axes{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};  ///< unit vectors
  Vec3 radii;                                                   ///< mm, along the axes
  float ragged = 0;                                             ///< how far the edge wanders, mm
  float wavelength = 15;                                        ///< of that wandering, mm
  float edge = 2;                                               ///< half width of the edge, mm: soft for ground glass
  float hu = -600;                                              ///< density it tends to
  float mottle = 0;                                             ///< HU of unevenness inside
  float grain = 9;                                              ///< wavelength of that unevenness, mm
  float core = 0;                                               ///< share of the radius that is consolidated, 0 to 1
  float core_hu = 0;
  float lobules = 0;  ///< mm that the edge follows the borders of secondary lobules by, 0: not
  float septa = 0;    ///< HU that thickened septa stand out by (crazy paving), 0: none
  float depth = 0;    ///< mm below the pleura that it reaches; 0: no bound
  std::uint64_t seed = 0;

  /// Half the side of the cube about the centre that holds it.
  [[nodiscard]] float reach() const;
  /// 0..1 in a point; `inside` is the distance below the pleura, mm.
  [[nodiscard]] float density(Vec3 p, float inside) const;
  /// The HU it tends to in a point.
  [[nodiscard]] float hu_at(Vec3 p) const;

 private:
  [[nodiscard]] float surface(Vec3 p) const;
};

struct Findings {
  std::vector<Lesion> lesions;
  std::vector<Tube> air;  ///< bronchi that stay open, and stand out, inside consolidations: radii of the lumen
};

/// The findings of a case: those of its disease and some irrelevant ones.
[[nodiscard]] Findings draw_findings(const Host& host, CaseLabel label, std::uint64_t seed);

}  // namespace pleura::phantom
