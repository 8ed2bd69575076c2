/// What lies under the diaphragm, and the table under the patient.
#include "phantom/anatomy.hpp"

namespace pleura::phantom::part {

void abdomen(Vec3 q, float below, const Patient& patient, Distances& distances) {
  if (below > 30) return;
  // The liver fills the right dome and reaches over to the left in front.
  const float left_edge = q.x - 62 + 0.55F * (q.y + 40) + 0.55F * std::max(0.F, -125 - q.z);
  float shape = smooth_intersection(below + 3, left_edge * 0.8F, 16);
  shape = smooth_intersection(shape, -(q.z + 262 - 0.5F * (q.x + 60)), 20);
  shape = smooth_intersection(shape, -ellipsoid(q, {10, 62, -150}, {46, 44, 1e4F}), 10);
  const float within = distances[cavity] + 3;
  distances[liver] = std::max(shape, within);
  distances[spleen] = std::max({below + 3.5F, within, ellipsoid(q, {98, 44, -140}, {34, 46, 52})});
  const float size = patient.stomach;
  const Vec3 stomach_centre{62, -22, -138};
  distances[stomach] = std::max({below + 3, within, ellipsoid(q, stomach_centre, {46 * size, 44 * size, 44 * size})});
  // Gas rises to the front of the stomach, and lies in loops of bowel.
  const float level = stomach_centre.y - 18 * size;
  float air = std::max(distances[stomach] + 4, q.y - level);
  for (const auto& [centre, r] : patient.loops) {
    const float tube = ellipsoid(q, centre, {1.6F * r, r, 1.2F * r});
    distances[stomach] = std::min(distances[stomach], std::max({below + 3, within, tube - 4}));
    air = std::min(air, std::max({tube, below + 6, within + 3}));
  }
  distances[gas] = air;
}

float table(Vec3 p, const Patient& patient) {
  // Its top touches the back; curved tables rise to the sides.
  const float top = 128 * patient.size_y + 0.62F * patient.fat;
  const float rise = patient.curved_table ? p.x * p.x / 1500 : 0.F;
  const float y = p.y - (top + 3 - rise);
  const float upper = std::abs(y) - 1.4F;
  const float lower = std::abs(y - 38 + (patient.curved_table ? 0.5F * rise : 0.45F * std::abs(p.x) - 40)) - 1.2F;
  return std::max(std::min(upper, lower), std::abs(p.x) - 215);
}

}  // namespace pleura::phantom::part
