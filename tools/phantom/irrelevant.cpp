/// What is neither pneumonia: atelectasis, scars, calcifications, nodules, reticulation, emphysema.
#include "phantom/placing.hpp"

namespace pleura::phantom {

namespace {

// Lung that lies lowest and is poorly aired: a strip along the pleura behind, densest at the pleura.
Lesion atelectasis(Drawer& draw) {
  Lesion lesion = draw.start(Label::irrelevant, "atelectasis",
                             draw.find({.shallowest = 1, .deepest = 4, .costal = true, .back = 1, .low = 0.6F}));
  orient(lesion, draw.inward(lesion.centre));
  lesion.radii = {draw.between(8, 12), draw.between(14, 30), draw.between(18, 40)};
  lesion.depth = draw.between(3, 8);
  lesion.ragged = 3;
  lesion.edge = draw.between(1.5, 4);
  lesion.hu = draw.between(-720, -420);
  lesion.mottle = 60;
  return lesion;
}

// A band or plate, also one that thickens a fissure.
Lesion scar(Drawer& draw) {
  Lesion lesion = draw.start(Label::irrelevant, "scar",
                             draw.find({.shallowest = 2, .deepest = 14, .costal = false, .back = 0.3F, .low = 0.1F}));
  const float r = draw.between(7, 18);
  lesion.radii = {r, r * draw.between(0.3, 0.7), draw.between(1.1, 2.2)};
  lesion.ragged = 1.6F;
  lesion.wavelength = 8;
  lesion.edge = 0.8F;
  lesion.hu = draw.between(-330, 20);
  lesion.mottle = 80;
  return lesion;
}

Lesion round(Drawer& draw, const char* kind, float least_mm, float most_mm) {
  Lesion lesion = draw.start(Label::irrelevant, kind,
                             draw.find({.shallowest = 2, .deepest = 40, .costal = false, .back = 0.1F, .low = 0.1F}));
  const float r = draw.between(least_mm, most_mm);
  lesion.radii = {r, r * draw.between(0.7, 1), r * draw.between(0.7, 1)};
  return lesion;
}

Lesion calcification(Drawer& draw) {
  Lesion lesion = round(draw, "calcification", 1.8F, 4);
  lesion.edge = 0.6F;
  lesion.hu = draw.between(180, 850);
  return lesion;
}

Lesion nodule(Drawer& draw) {
  Lesion lesion = round(draw, "nodule", 2.2F, 5);
  lesion.ragged = 0.5F;
  lesion.wavelength = 4;
  lesion.edge = 0.7F;
  lesion.hu = draw.between(-120, 60);
  return lesion;
}

Lesion reticulation(Drawer& draw) {
  Lesion lesion = draw.start(Label::irrelevant, "reticulation",
                             draw.find({.shallowest = 1, .deepest = 8, .costal = true, .back = 0.5F, .low = 0.5F}));
  const float r = draw.between(8, 16);
  lesion.radii = {r, r, r * draw.between(0.8, 1.3)};
  lesion.depth = draw.between(6, 12);
  lesion.ragged = 3;
  lesion.edge = 3;
  lesion.hu = -840;
  lesion.septa = draw.between(260, 420);
  return lesion;
}

Lesion emphysema(Drawer& draw) {
  Lesion lesion = draw.start(Label::irrelevant, "emphysema",
                             draw.find({.shallowest = 2, .deepest = 30, .costal = false, .back = 0.2F, .low = 0}));
  const float r = draw.between(6, 16);
  lesion.radii = {r, r * draw.between(0.7, 1), r * draw.between(0.7, 1)};
  lesion.ragged = 0.4F * r;
  lesion.wavelength = 0.8F * r;
  lesion.edge = 1.5F;
  lesion.hu = draw.between(-985, -955);
  return lesion;
}

}  // namespace

Lesion draw_irrelevant(Drawer& draw) {
  const double u = draw.random().uniform(0, 1);
  if (u < 0.22) return atelectasis(draw);
  if (u < 0.5) return scar(draw);
  if (u < 0.66) return calcification(draw);
  if (u < 0.8) return nodule(draw);
  if (u < 0.9) return reticulation(draw);
  return emphysema(draw);
}

}  // namespace pleura::phantom
