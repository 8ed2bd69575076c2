/// The rib cage's inside and what fills it: mediastinum, diaphragm, lungs' apices.
#include "phantom/anatomy.hpp"

namespace pleura::phantom {

const std::array<Tube, 4>& central_airways() {
  static const std::array<Tube, 4> tubes{{
      {{1, 4, 150}, {1, 10, 55}, 8.2F, 8.4F},
      {{1, 10, 55}, {0, 16, 0}, 8.4F, 8.2F},
      {{-1, 16, 0}, {-30, 19, -22}, 7.2F, 6.2F},
      {{1, 16, 0}, {38, 23, -24}, 6.6F, 5.4F},
  }};
  return tubes;
}

namespace part {

namespace {

// Between an ellipse and a rounded rectangle, as chests are; the distance is taken along the ray from the centre.
float rounded_ellipse(float x, float y, float half_x, float half_y) {
  const float u = x / half_x, v = y / half_y;
  const float u2 = u * u, v2 = v * v;
  const float q = 0.62F * std::sqrt(u2 + v2) + 0.38F * std::sqrt(std::sqrt(u2 * u2 + v2 * v2));
  const float g = std::sqrt(u2 / (half_x * half_x) + v2 / (half_y * half_y));
  return q * (q - 1) / std::max(g, 1e-4F);
}

const Profile cage_x({128, 134, 139, 143, 146, 147, 145, 141, 135, 126, 112, 91, 64, 45, 40});
const Profile cage_y({84, 90, 94, 97, 99, 100, 99, 96, 91, 84, 73, 58, 42, 30, 28});
const Profile cage_centre({0, 0, -1, -2, -3, -4, -4, -3, -1, 3, 9, 17, 26, 28, 28});
const Profile muscle_x({146, 150, 155, 159, 162, 165, 167, 168, 168, 168, 172, 178, 176, 160, 140});
const Profile muscle_y({104, 107, 110, 113, 115, 117, 117, 115, 112, 107, 99, 90, 80, 72, 68});
const Profile muscle_centre({8, 8, 7, 7, 6, 6, 6, 7, 8, 10, 14, 20, 27, 30, 30});

}  // namespace

float cage(Vec3 q) { return rounded_ellipse(q.x, q.y - cage_centre(q.z), cage_x(q.z), cage_y(q.z)); }

float muscle_face(Vec3 q, const Patient& patient) {
  // The furrow along the spine and the one over the sternum.
  const float furrow = 1 - 0.07F * std::exp(-q.x * q.x / (14 * 14));
  float face = rounded_ellipse(q.x, q.y - muscle_centre(q.z), muscle_x(q.z), muscle_y(q.z) * furrow);
  // Shoulders, at the height of the apices.
  const float side = std::abs(q.x);
  face = smooth_union(face, ellipsoid({side, q.y, q.z}, {150, 38, 128}, {48, 46, 62}), 22);
  if (patient.arms_down) face = std::min(face, capsule({side, q.y, q.z}, {186, 40, 110}, {212, 34, -260}, 42, 34));
  return face;
}

float skin_face(Vec3 q, float muscle, const Patient& patient) {
  const float side = std::abs(q.x) / 150;
  // Fat is thickest at the flanks and the belly, thin over sternum and spine.
  const float coat = patient.fat * (0.55F + 0.45F * side + 0.5F * smoothstep(-60, -200, q.z));
  float face = muscle - coat - 1.5F;
  if (patient.breasts) {
    const float size = 0.8F + 0.02F * patient.fat;
    const Vec3 breast{std::abs(q.x), q.y, q.z};
    face = smooth_union(face, ellipsoid(breast, {78, -112, -42}, {58 * size, 40 * size, 56 * size}), 18);
  }
  return face;
}

float heart_and_vessels(Vec3 q, const Patient& patient) {
  // Far to the side nothing of it matters; a bound that grows outwards spares the work.
  if (std::abs(q.x) > 115) return std::abs(q.x) - 90;
  const float s = patient.heart;
  // The left ventricle's long axis points left, forward and down.
  const Vec3 d = q - Vec3{30, -30, -74};
  constexpr float cosine = 0.80F, sine = 0.60F;
  const Vec3 turned{cosine * d.x - sine * d.y, sine * d.x + cosine * d.y, d.z + 0.25F * d.x};
  float shape = ellipsoid(turned, {0, 0, 0}, {54 * s, 40 * s, 38 * s});
  shape = smooth_union(shape, ellipsoid(q, {-8, -32, -66}, {45 * s, 40 * s, 42 * s}), 14);
  shape = smooth_union(shape, ellipsoid(q, {2, 12, -44}, {36 * s, 20 * s, 22 * s}), 8);
  shape = smooth_intersection(shape, diaphragm(q, patient) + 3, 6);  // the heart rests on the diaphragm
  const auto add = [&](Vec3 a, Vec3 b, float ra, float rb, float k = 2) {
    shape = smooth_union(shape, capsule(q, a, b, ra, rb), k);
  };
  if (q.z > -70) {
    add({2, -34, -40}, {-12, -32, 30}, 16, 15.5F);  // ascending aorta, arch
    add({-12, -32, 30}, {2, -8, 46}, 15, 14);
    add({2, -8, 46}, {20, 26, 34}, 13.5F, 13);
    add({28, -40, -36}, {20, -24, 2}, 14.5F, 14);  // pulmonary trunk and arteries
    add({20, -24, 2}, {36, 12, 4}, 12, 9.5F);
    add({18, -16, 0}, {-34, 2, -8}, 11, 9);
    add({-30, -20, -40}, {-26, -18, 62}, 10, 8.5F);  // superior vena cava
    add({-26, -18, 62}, {-34, -18, 130}, 8, 7);      // brachiocephalic vessels
    add({-22, -26, 64}, {30, -28, 92}, 7, 7);
    add({-6, -14, 52}, {-22, -8, 130}, 6.5F, 6);
    add({6, -4, 54}, {18, -4, 140}, 4.5F, 4.5F);
    add({16, 10, 50}, {34, 8, 130}, 5.5F, 5.5F);
    add({-34, 14, -36}, {20, 14, -40}, 7, 9);  // pulmonary veins
    add({38, 18, -38}, {0, 12, -40}, 7, 9);
  }
  add({20, 26, 34}, {22, 40, -20}, 12.5F, 12);  // descending aorta
  add({22, 40, -20}, {12, 36, -250}, 12, 10);
  if (q.z < -60) add({-22, 2, -90}, {-20, 20, -250}, 12, 11);  // inferior vena cava
  return shape;
}

float soft_tissue(Vec3 q, const Patient& patient) {
  const float y = spine_y(q.z, patient.kyphosis);
  const float beside_spine = std::max(std::abs(q.x) - 21, y + 6 - q.y);
  return std::min(beside_spine, oesophagus(q));
}

float oesophagus(Vec3 q) {
  return std::min(capsule(q, {3, 26, 150}, {6, 30, -10}, 6, 6.5F), capsule(q, {6, 30, -10}, {14, 18, -120}, 6.5F, 7));
}

float mediastinum(Vec3 q, float blood, const Patient& patient) {
  if (std::abs(q.x) > 115) return std::abs(q.x) - 95;
  float shape = smooth_union(blood - 2.5F, oesophagus(q) - 2, 14);
  for (const Tube& tube : central_airways()) {
    shape = smooth_union(shape, capsule(q, tube.a, tube.b, tube.ra + 3, tube.rb + 2), 12);
  }
  // The spine and its muscles.
  const float y = spine_y(q.z, patient.kyphosis);
  const float column = ellipsoid({q.x, q.y, 0}, {0, y + 4, 0}, {21, 19, 1e4F});
  const float behind = std::max(std::abs(q.x) - 22, y - q.y);
  shape = smooth_union(shape, smooth_union(column, behind, 10), 12);
  // The junction in front: a thin leaf between the lungs, broad under the heart and behind the manubrium.
  const float leaf = 1.5F + 26 * smoothstep(-28, -90, q.z) + 22 * smoothstep(48, 85, q.z);
  const float lean = 8 * smoothstep(30, -60, q.z);
  shape = smooth_union(shape, std::max(std::abs(q.x - lean) - leaf, q.y - 10), 16);
  // Fat beside the heart at the diaphragm.
  return smooth_union(shape, ellipsoid(q, {38, -62, -104}, {40, 26, 20}), 14);
}

float diaphragm(Vec3 q, const Patient& patient) {
  const auto dome = [&](float peak, float centre_x, float lateral, float medial) {
    const float outward = (q.x - centre_x) * (centre_x > 0 ? 1.F : -1.F);
    const float u = outward / 76, v = (q.y + 8) / 96;
    const float side = outward > 0 ? lateral : medial, back = v > 0 ? 68.F : 26.F;
    const float slope_x = 2 * side * u / 76, slope_y = 2 * back * v / 96;
    const float z = peak + patient.breath - side * u * u - back * v * v;
    return (z - q.z) / std::sqrt(1 + slope_x * slope_x + slope_y * slope_y);
  };
  return -smooth_union(-dome(-84 + patient.right_dome, -70, 52, 26), -dome(-96 + patient.left_dome, 74, 52, 20), 12);
}

float apices(Vec3 q) {
  const float u = (std::abs(q.x) - 46) / 37, v = (q.y - 24) / 42;
  const float steep = std::sqrt(1 + 2 * (u * u + v * v));
  const float top = 124 - 28 * (steep - 1);
  const float slope_x = 56 * u / (37 * steep), slope_y = 56 * v / (42 * steep);
  return (q.z - top) / std::sqrt(1 + slope_x * slope_x + slope_y * slope_y);
}

}  // namespace part

}  // namespace pleura::phantom
