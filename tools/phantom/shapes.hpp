#pragma once
/// Signed distances (mm, negative inside) of the primitives that organs are made of, and smooth unions of them
/// (polynomial smooth minimum, Quilez).
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace pleura::phantom {

/// A point or vector, mm, (x, y, z): x to the patient's left, y to the back, z to the head.
struct Vec3 {
  float x = 0, y = 0, z = 0;
  friend Vec3 operator+(Vec3 a, Vec3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
  friend Vec3 operator-(Vec3 a, Vec3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
  friend Vec3 operator*(Vec3 a, float s) { return {a.x * s, a.y * s, a.z * s}; }
};

[[nodiscard]] inline float dot(Vec3 a, Vec3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
[[nodiscard]] inline float length(Vec3 a) { return std::sqrt(dot(a, a)); }
[[nodiscard]] inline Vec3 cross(Vec3 a, Vec3 b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
[[nodiscard]] inline Vec3 normalized(Vec3 a) { return a * (1 / std::max(length(a), 1e-6F)); }

/// Near-distance to an ellipsoid's surface: exact on the surface, first order around it.
[[nodiscard]] inline float ellipsoid(Vec3 p, Vec3 centre, Vec3 radii) {
  const Vec3 d = p - centre;
  const Vec3 u{d.x / radii.x, d.y / radii.y, d.z / radii.z};
  const Vec3 g{u.x / radii.x, u.y / radii.y, u.z / radii.z};
  const float k = length(u);
  return k * (k - 1) / std::max(length(g), 1e-4F);
}

/// A tube from a to b whose radius goes from ra to rb, with round ends.
[[nodiscard]] inline float capsule(Vec3 p, Vec3 a, Vec3 b, float ra, float rb) {
  const Vec3 ab = b - a, ap = p - a;
  const float t = std::clamp(dot(ap, ab) / std::max(dot(ab, ab), 1e-6F), 0.F, 1.F);
  return length(ap - ab * t) - (ra + (rb - ra) * t);
}

/// Union of two shapes, rounded over k mm where they meet.
[[nodiscard]] inline float smooth_union(float a, float b, float k) {
  const float h = std::max(k - std::abs(a - b), 0.F);
  return std::min(a, b) - h * h / (4 * k);
}

[[nodiscard]] inline float smooth_intersection(float a, float b, float k) { return -smooth_union(-a, -b, k); }

/// 0 below low, 1 above high, smooth between.
[[nodiscard]] inline float smoothstep(float low, float high, float x) {
  const float t = std::clamp((x - low) / (high - low), 0.F, 1.F);
  return t * t * (3 - 2 * t);
}

/// Between a and b.
[[nodiscard]] inline float lerp(float a, float b, float t) { return a + (b - a) * t; }

/// A quantity along z: Catmull-Rom through values at knots 30 mm apart, from z = -240 mm on.
class Profile {
 public:
  static constexpr std::size_t knots = 15;
  static constexpr float first = -240, step = 30;
  explicit Profile(const std::array<float, knots>& values) : values_(values) {}

  [[nodiscard]] float operator()(float z) const {
    const float u = std::clamp((z - first) / step, 0.F, static_cast<float>(knots - 1) - 1e-3F);
    const auto i = static_cast<std::size_t>(u);
    const float t = u - static_cast<float>(i);
    const float b = values_[i], c = values_[i + 1];
    const float a = i > 0 ? values_[i - 1] : b, d = i + 2 < knots ? values_[i + 2] : c;
    return b + 0.5F * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
  }

 private:
  std::array<float, knots> values_;
};

}  // namespace pleura::phantom
