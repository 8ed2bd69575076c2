#include "phantom/lesions.hpp"

#include "phantom/noise.hpp"

namespace pleura::phantom {

namespace {

// Secondary lobules measure 10 to 25 mm; the network of crazy paving, their inner septa, about half of it.
constexpr float lobule_mm = 13, septa_mm = 7;

}  // namespace

float Lesion::reach() const { return 1.15F * std::max({radii.x, radii.y, radii.z}) + 1.3F * ragged + lobules + edge; }

float Lesion::surface(Vec3 p) const {
  const Vec3 d = p - centre;
  const Vec3 local{dot(d, axes[0]), dot(d, axes[1]), dot(d, axes[2])};
  const float shape = ellipsoid(local, {0, 0, 0}, radii);
  if (ragged <= 0 || shape > 2 * ragged + lobules + edge) return shape;
  float moved = ragged * fractal_noise(seed, p, wavelength, 3, 0.55F);
  if (lobules > 0) moved += lobules * cell_value(seed + 10, p + vector_noise(seed + 11, p, 9) * 2.2F, lobule_mm);
  return shape + moved;
}

float Lesion::density(Vec3 p, float inside) const {
  float d = surface(p);
  if (depth > 0) d = std::max(d, inside - depth - 0.5F * ragged * value_noise(seed + 3, p, wavelength));
  return smoothstep(edge, -edge, d);
}

float Lesion::hu_at(Vec3 p) const {
  float value = hu;
  if (mottle > 0) value += mottle * fractal_noise(seed + 20, p, grain, 2, 0.6F);
  if (septa > 0) value += septa * smoothstep(1.1F, 0.2F, cell_wall_distance(seed + 30, p, septa_mm));
  if (core > 0) {
    const float size = std::min({radii.x, radii.y, radii.z});
    const float d = surface(p) + size * (1 - core);
    value = lerp(value, core_hu, smoothstep(2.5F, -2.5F, d + 2 * value_noise(seed + 40, p, 6)));
  }
  return value;
}

}  // namespace pleura::phantom
