/// Which findings a case has, where and how they look: COVID-19 and influenza A.
///
/// Both diseases draw from the same looks (ground glass, crazy paving, consolidation, consolidation within ground
/// glass) in nearly the same mixture, so that one finding by itself seldom tells which it is. What differs is where
/// they lie: COVID-19's along the pleura and in the outer lung, low and behind; influenza A's along bronchi and in the
/// inner lung (paper 1, 2.5.1 and 4). A small share of each lies where the other's do.
#include "phantom/lesions.hpp"
#include "phantom/placing.hpp"

namespace pleura::phantom {

namespace {

// How the disease goes in one patient: its findings resemble each other.
struct Course {
  double extent;  // 0..1: few small findings to many large ones
  double stage;   // 0..1: ground glass first, consolidation later
};

enum class Look { ground_glass, crazy_paving, halo, consolidation, clusters };

Look draw_look(Drawer& draw, double late, double paving, double halo, double clusters) {
  const double u = draw.random().uniform(0, 1);
  if (u < clusters) return Look::clusters;
  if (u < clusters + late) return Look::consolidation;
  if (u < clusters + late + halo) return Look::halo;
  return u < clusters + late + halo + paving ? Look::crazy_paving : Look::ground_glass;
}

// Density, texture and edge of a look, `r` mm large; `firm` (0..1) narrows the edge.
void paint(Drawer& draw, Lesion& lesion, Look look, float r, double firm) {
  lesion.ragged = draw.between(0.22, 0.36) * r + 0.8F;
  lesion.wavelength = draw.between(0.55, 1.3) * r;
  lesion.lobules = draw.random().chance(0.55) ? draw.between(1.5, 4.5) : 0;
  const float soft_edge = draw.between(2.2, 6), firm_edge = draw.between(1.1, 2.8);
  lesion.edge = lerp(soft_edge, firm_edge, static_cast<float>(firm));
  lesion.hu = draw.between(-700, -420);
  lesion.mottle = draw.between(70, 190);
  lesion.grain = draw.between(4, 11);
  switch (look) {
    case Look::ground_glass:
      lesion.kind = "ground_glass";
      break;
    case Look::crazy_paving:
      lesion.kind = "crazy_paving";
      lesion.septa = draw.between(130, 260);
      break;
    case Look::halo:  // consolidation within ground glass
      lesion.kind = "halo";
      lesion.core = draw.between(0.4, 0.75);
      lesion.core_hu = draw.between(-260, 10);
      break;
    case Look::consolidation:
      lesion.kind = "consolidation";
      lesion.hu = draw.between(-300, 30);
      lesion.mottle = draw.between(40, 120);
      lesion.edge = std::min(lesion.edge, 3.2F);
      break;
    case Look::clusters:  // nodules of bronchopneumonia, some run together
      lesion.kind = "clusters";
      lesion.hu = draw.between(-520, -120);
      lesion.wavelength = draw.between(6, 10);
      lesion.ragged = 0.75F * r;
      lesion.lobules = 0;
      lesion.edge = draw.between(1, 2);
      break;
  }
}

// Open bronchi in a consolidation: a stem from its near end that forks within.
void bronchogram(Drawer& draw, Lesion& lesion, std::vector<Tube>& air) {
  lesion.kind = "air_bronchogram";
  const int branches = draw.random().integer(2, 4);
  const float length_mm = std::max({lesion.radii.x, lesion.radii.y, lesion.radii.z});
  const Vec3 from = lesion.centre - lesion.axes[0] * (0.7F * length_mm);
  const Vec3 fork = lesion.centre - lesion.axes[0] * (0.15F * length_mm);
  const float r = draw.between(0.9, 1.7);
  air.push_back({from, fork, 1.15F * r, r});
  for (int branch = 0; branch < branches; ++branch) {
    const Vec3 end{length_mm * draw.between(0.3, 0.85), lesion.radii.y * draw.between(-0.7, 0.7),
                   lesion.radii.z * draw.between(-0.7, 0.7)};
    const Vec3 to = lesion.centre + lesion.axes[0] * end.x + lesion.axes[1] * end.y + lesion.axes[2] * end.z;
    air.push_back({fork, to, 0.85F * r, 0.55F * r});
  }
}

// Flat along the pleura, some of it thick enough to reach deep.
Lesion along_pleura(Drawer& draw, Label label, const Course& course) {
  const bool large = draw.random().chance(0.15 + 0.4 * course.extent);
  const float r = large ? draw.between(13, 26) : draw.between(5, 13);
  const Vec3 centre =
      draw.find({.shallowest = 1, .deepest = large ? 10.F : 7.F, .costal = true, .back = 0.6F, .low = 0.35F});
  Lesion lesion = draw.start(label, "", centre);
  orient(lesion, draw.inward(centre));
  lesion.radii = {r * draw.between(0.5, 0.95), r * draw.between(0.85, 1.35), r * draw.between(0.85, 1.35)};
  return lesion;
}

// Longish, from a bronchus on.
Lesion along_bronchus(Drawer& draw, Label label, const Course& course) {
  const bool large = draw.random().chance(0.2 + 0.4 * course.extent);
  const float r = large ? draw.between(12, 21) : draw.between(5, 12);
  const Trees::Station at = large ? draw.station(0.9F, 3.F, 26) : draw.station(0.6F, 1.6F, 29);
  Lesion lesion = draw.start(label, "", at.point + at.along * (0.4F * r));
  orient(lesion, at.along);
  lesion.radii = {r * draw.between(0.95, 1.6), r * draw.between(0.6, 1.05), r * draw.between(0.6, 1.05)};
  return lesion;
}

// Roundish, of one size and shape in both zones.
Lesion in_zone(Drawer& draw, Label label, const Place& zone) {
  const float r = draw.between(5, 12);
  Lesion lesion = draw.start(label, "", draw.find(zone));
  lesion.radii = {r * draw.between(0.8, 1.2), r * draw.between(0.8, 1.2), r * draw.between(0.8, 1.2)};
  return lesion;
}

// Under the ribs' pleura, or well away from any.
constexpr Place outer{.shallowest = 12, .deepest = 24, .costal = true, .beside = true, .back = 0.4F, .low = 0.3F};
constexpr Place inner{.shallowest = 30, .deepest = 60, .costal = false, .back = 0.4F, .low = 0.3F};

// In its look; bronchi stay open in a share of the consolidations.
void add(Drawer& draw, Lesion lesion, Look look, double firm, double open_bronchi, Findings& findings) {
  paint(draw, lesion, look, std::max({lesion.radii.x, lesion.radii.y, lesion.radii.z}), firm);
  if (look == Look::consolidation && draw.random().chance(open_bronchi)) bronchogram(draw, lesion, findings.air);
  findings.lesions.push_back(std::move(lesion));
}

void covid(Drawer& draw, const Course& course, Findings& findings) {
  const double where = draw.random().uniform(0, 1);
  Lesion lesion = where < 0.45   ? along_pleura(draw, Label::covid19, course)
                  : where < 0.96 ? in_zone(draw, Label::covid19, outer)
                  : where < 0.98 ? in_zone(draw, Label::covid19, inner)
                                 : along_bronchus(draw, Label::covid19, course);
  const Look look = draw_look(draw, 0.1 + 0.24 * course.stage, 0.14, 0.12 + 0.12 * course.stage, 0.02);
  add(draw, std::move(lesion), look, draw.random().uniform(0, 0.85), 0.4, findings);
}

void influenza(Drawer& draw, const Course& course, Findings& findings) {
  const double where = draw.random().uniform(0, 1);
  Lesion lesion = where < 0.3    ? along_bronchus(draw, Label::influenza_a, course)
                  : where < 0.96 ? in_zone(draw, Label::influenza_a, inner)
                  : where < 0.98 ? in_zone(draw, Label::influenza_a, outer)
                                 : along_pleura(draw, Label::influenza_a, course);
  const Look look = draw_look(draw, 0.14 + 0.26 * course.stage, 0.1, 0.12 + 0.12 * course.stage, 0.06);
  add(draw, std::move(lesion), look, draw.random().uniform(0.15, 1), 0.5, findings);
}

}  // namespace

Findings draw_findings(const Host& host, CaseLabel label, std::uint64_t seed) {
  Findings findings;
  Drawer trivial(host, seed, "irrelevant findings");
  const int count = trivial.random().integer(1, label == CaseLabel::no_infection_found ? 6 : 4);
  for (int i = 0; i < count; ++i) findings.lesions.push_back(draw_irrelevant(trivial));

  Drawer draw(host, seed, "disease");
  const Course course{draw.random().uniform(0, 1), draw.random().uniform(0, 1)};
  if (label == CaseLabel::covid19) {
    const int foci = 2 + static_cast<int>(9 * course.extent + draw.random().uniform(0, 2));
    for (int i = 0; i < foci; ++i) covid(draw, course, findings);
  } else if (label == CaseLabel::influenza_a) {
    const int foci = 2 + static_cast<int>(7 * course.extent + draw.random().uniform(0, 2));
    for (int i = 0; i < foci; ++i) influenza(draw, course, findings);
  }
  return findings;
}

}  // namespace pleura::phantom
