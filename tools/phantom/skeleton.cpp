/// Ribs, spine, sternum, clavicles, scapulae, humeri.
#include "phantom/anatomy.hpp"

namespace pleura::phantom::part {

namespace {

constexpr float rib_pitch = 25.5F;  // mm from one rib to the next, along the spine

float vertebrae(Vec3 q, float y) {
  const float phase = q.z / rib_pitch - std::floor(q.z / rib_pitch);
  const float level = (phase - 0.5F) * rib_pitch;  // mm from the middle of this vertebra
  // Bodies are waisted and parted by discs.
  const float waist = 1 + 0.0007F * level * level;
  float shape =
      std::max(ellipsoid({q.x, q.y, 0}, {0, y, 0}, {17.5F * waist, 15 * waist, 1e4F}), std::abs(level) - 10.5F);
  const float side = std::abs(q.x);
  const Vec3 m{side, q.y, level};
  shape = std::min(shape, capsule(m, {11, y + 8, 2}, {13, y + 22, 0}, 3.5F, 3.5F));  // pedicles
  shape = std::min(shape, capsule(m, {12, y + 22, 0}, {0, y + 32, -4}, 3.5F, 4));    // laminae
  shape = std::min(shape, capsule(m, {13, y + 21, 2}, {31, y + 29, 3}, 4.5F, 4));    // transverse processes
  return std::min(shape, capsule({q.x, q.y, level}, {0, y + 33, 0}, {0, y + 50, -12}, 3, 3.5F));
}

Bones ribs(Vec3 q, float cage_distance) {
  Bones bones;
  const float depth = cage_distance - 6;  // from the middle of the rib layer
  if (std::abs(depth) > 14) return bones;
  const float angle = std::atan2(std::abs(q.x), q.y - 6);  // 0 at the back, pi at the front
  const float fall = 78 * 0.5F * (1 - std::cos(std::min(angle, 2.6F))) - 30 * smoothstep(2.3F, 3.1F, angle);
  const float height = (q.z + fall - 8) / rib_pitch;
  const float number = std::round(height);  // 0 at the carina's height; the first rib is +5, the last is -6
  if (number > 4.5F || number < -6.5F || angle < 0.35F) return bones;
  const float along = (height - number) * rib_pitch * 0.82F;
  const float half_height = 6.2F, half_depth = 3.6F;
  const float u = along / half_height, v = depth / half_depth, k = std::sqrt(u * u + v * v);
  const float distance =
      k < 1e-3F ? -half_depth
                : (k - 1) * k / std::sqrt(u * u / (half_height * half_height) + v * v / (half_depth * half_depth));
  // Upper ribs turn to cartilage near the sternum; the last ones end at the flank.
  const float end = number >= -2 ? 2.45F : 2.45F + 0.28F * (number + 2);
  if (angle < end) {
    bones.bone = distance;
  } else if (number >= -3) {
    bones.cartilage = distance;
  }
  return bones;
}

}  // namespace

float spine_y(float z, float kyphosis) {
  const float u = (z + 20) / 115;
  return 62 - (9 + kyphosis) * u * u;
}

Bones skeleton(Vec3 q, float cage_distance, const Patient& patient) {
  Bones bones = ribs(q, cage_distance);
  const auto add = [&](float distance) { bones.bone = std::min(bones.bone, distance); };
  const float y = spine_y(q.z, patient.kyphosis);
  if (std::abs(q.x) < 48 && q.y > y - 30) add(vertebrae(q, y));
  if (q.y < 0 && std::abs(q.x) < 60) {
    // The sternum lies on the cage, 7 mm in front of its inner face.
    const float half_width = 15 + 9 * smoothstep(45, 70, q.z);
    const float plate = std::max({std::abs(q.x) - half_width, std::abs(cage_distance - 7) - 5, q.z - 82, -82 - q.z});
    add(smooth_union(plate, plate, 4));
  }
  if (q.z > -70) {
    const Vec3 m{std::abs(q.x), q.y, q.z};
    add(capsule(m, {16, -46, 88}, {70, -38, 104}, 8, 6));  // clavicle
    add(capsule(m, {70, -38, 104}, {140, 18, 122}, 6, 6));
    add(capsule(m, {108, 64, 96}, {150, 34, 122}, 5, 8));  // spine of the scapula, acromion
    // The blade: a thin plate that follows the chest wall.
    const float width = 46 - 0.28F * std::abs(m.z - 60);
    const Vec3 across = normalized({0.86F, -0.5F, 0});
    const Vec3 d = m - Vec3{104, 78 - 0.08F * m.z, m.z};
    const float blade =
        std::max({std::abs(dot(d, {0.5F, 0.86F, 0})) - 2.2F, std::abs(dot(d, across)) - width, m.z - 112, -50 - m.z});
    add(blade);
    add(length(m - Vec3{160, 28, 118}) - 23);  // humeral head
    add(patient.arms_down ? capsule(m, {166, 32, 116}, {208, 36, -220}, 13, 12)
                          : capsule(m, {162, 26, 120}, {186, 4, 200}, 13, 12));
  }
  if (patient.arms_down && q.z <= -70) add(capsule({std::abs(q.x), q.y, q.z}, {166, 32, 116}, {208, 36, -220}, 13, 12));
  return bones;
}

}  // namespace pleura::phantom::part
