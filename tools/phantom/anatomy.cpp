#include "phantom/anatomy.hpp"

#include "phantom/noise.hpp"

namespace pleura::phantom {

namespace {

constexpr float far_away = 1e3F;

float lung_surface(Vec3 q, float cage, float mediastinum, const Patient& patient) {
  float shape = smooth_intersection(cage + 1.5F, -mediastinum, 7);
  shape = smooth_intersection(shape, part::diaphragm(q, patient), 4);
  return smooth_intersection(shape, part::apices(q), 14);
}

}  // namespace

Anatomy::Anatomy(const Patient& patient)
    : patient_(patient), scale_((patient.size_x + patient.size_y + patient.size_z) / 3) {}

Vec3 Anatomy::to_average(Vec3 p) const {
  const float c = std::cos(patient_.yaw), s = std::sin(patient_.yaw);
  return {(c * p.x + s * p.y) / patient_.size_x, (c * p.y - s * p.x) / patient_.size_y, p.z / patient_.size_z};
}

Vec3 Anatomy::from_average(Vec3 q) const {
  const Vec3 p{q.x * patient_.size_x, q.y * patient_.size_y, q.z * patient_.size_z};
  const float c = std::cos(patient_.yaw), s = std::sin(patient_.yaw);
  return {c * p.x - s * p.y, s * p.x + c * p.y, p.z};
}

Vec3 Anatomy::warped(Vec3 p) const {
  const Vec3 q = to_average(p);
  return q + vector_noise(patient_.seed + 11, q, 70) * 4.5F + vector_noise(patient_.seed + 16, q, 26) * 1.6F;
}

float Anatomy::lung_bottom() const { return (-160 + 0.5F * patient_.breath) * patient_.size_z; }

float Anatomy::lung_top() const { return 126 * patient_.size_z; }

float Anatomy::lung_at(Vec3 p) const {
  const Vec3 q = warped(p);
  const float cage = part::cage(q);
  if (cage > 20) return cage * scale_;
  const float vessels = part::heart_and_vessels(q, patient_);
  return lung_surface(q, cage, part::mediastinum(q, vessels, patient_), patient_) * scale_;
}

float Anatomy::fissure_at(Vec3 p) const {
  const Vec3 q = warped(p);
  const float wave = 5 * value_noise(patient_.seed + 71, q, 60);
  // The oblique fissures fall from behind the arch to the front of the domes; the minor one parts the right lung's
  // front.
  const float before = (q.z - 50 - 1.07F * (q.y - 60) + wave) * 0.683F;
  const float oblique = std::abs(before);
  const float minor = q.x < 0 && before > 0 ? std::abs(q.z + 18 + wave + 0.08F * q.y) : far_away;
  return std::min(oblique, minor) * scale_;
}

Distances Anatomy::at(Vec3 p) const {
  Distances d;
  d.fill(far_away);
  d[table] = part::table(p, patient_);
  const Vec3 q = warped(p);
  d[muscle] = part::muscle_face(q, patient_);
  d[body] = part::skin_face(q, d[muscle], patient_);
  if (d[body] > 20) return d;
  d[cavity] = part::cage(q);
  const part::Bones bones = part::skeleton(q, d[cavity], patient_);
  d[bone] = bones.bone;
  d[cartilage] = bones.cartilage;
  if (d[cavity] < 12) {
    d[blood] = part::heart_and_vessels(q, patient_);
    d[soft] = part::soft_tissue(q, patient_);
    const float below = -part::diaphragm(q, patient_);
    d[lung] = lung_surface(q, d[cavity], part::mediastinum(q, d[blood], patient_), patient_);
    part::abdomen(q, below, patient_, d);
  }
  // What is not painted keeps its far distance; the rest is brought back to this patient's size.
  for (std::size_t tissue = 0; tissue < tissue_count; ++tissue) {
    if (tissue != table && d[tissue] < far_away) d[tissue] *= scale_;
  }
  return d;
}

}  // namespace pleura::phantom
