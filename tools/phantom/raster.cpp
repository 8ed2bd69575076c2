#include "phantom/raster.hpp"

namespace pleura::phantom {

namespace {

constexpr float layer_mm = 0.9F;  // thin tubes need finer layers than organs

void fill_tube(const Plane& plane, const Tube& tube, float z, std::vector<float>& share) {
  // Only the piece of the tube within its radius of this layer is looked at: oblique tubes would else fill large
  // windows.
  const float widest = std::max(tube.ra, tube.rb) + plane.pixel;
  const float rise = tube.b.z - tube.a.z;
  float from = 0, to = 1;
  if (std::abs(rise) > 1e-4F) {
    const float s = (z - widest - tube.a.z) / rise, t = (z + widest - tube.a.z) / rise;
    from = std::clamp(std::min(s, t), 0.F, 1.F);
    to = std::clamp(std::max(s, t), 0.F, 1.F);
    if (from >= to) return;
  } else if (std::abs(z - tube.a.z) > widest) {
    return;
  }
  const Vec3 a = tube.a + (tube.b - tube.a) * from, b = tube.a + (tube.b - tube.a) * to;
  const Window wa = plane.window(a, widest), wb = plane.window(b, widest);
  for (std::int64_t y = std::min(wa.y0, wb.y0); y < std::max(wa.y1, wb.y1); ++y) {
    for (std::int64_t x = std::min(wa.x0, wb.x0); x < std::max(wa.x1, wb.x1); ++x) {
      const float d = capsule(plane.point(y, x, z), tube.a, tube.b, tube.ra, tube.rb);
      const float part = std::clamp(0.5F - d / plane.pixel, 0.F, 1.F);
      float& pixel = share[plane.index(y, x)];
      pixel = std::max(pixel, part);
    }
  }
}

}  // namespace

Plane::Plane(const Geometry& geometry)
    : rows(geometry.shape[1]),
      columns(geometry.shape[2]),
      step_y(static_cast<float>(geometry.spacing[1])),
      step_x(static_cast<float>(geometry.spacing[2])),
      origin_y(static_cast<float>(geometry.origin[1])),
      origin_x(static_cast<float>(geometry.origin[0])),
      pixel(0.5F * (step_y + step_x)) {}

Window Plane::window(Vec3 centre, float reach) const {
  const auto low = [](float at, float step, std::int64_t size) {
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(at / step)), 0, size);
  };
  const float x = centre.x - origin_x, y = centre.y - origin_y;
  return {low(y - reach, step_y, rows), low(y + reach, step_y, rows - 1) + 1, low(x - reach, step_x, columns),
          low(x + reach, step_x, columns - 1) + 1};
}

void fill_tubes(const Plane& plane, const std::vector<Tube>& tubes, float middle, float thickness,
                const std::function<float(float)>& coat, std::vector<float>& share) {
  const int layers = std::max(1, static_cast<int>(std::lround(thickness / layer_mm)));
  std::vector<Tube> near;
  for (const Tube& tube : tubes) {
    const Tube coated{tube.a, tube.b, tube.ra + coat(tube.ra), tube.rb + coat(tube.rb)};
    const float reach = 0.5F * thickness + std::max(coated.ra, coated.rb) + plane.pixel;
    if (std::min(tube.a.z, tube.b.z) < middle + reach && std::max(tube.a.z, tube.b.z) > middle - reach)
      near.push_back(coated);
  }
  std::vector<float> layer(share.size());
  std::vector<float> sum(share.size(), 0);
  for (int k = 0; k < layers; ++k) {
    std::fill(layer.begin(), layer.end(), 0.F);
    const float z = middle + thickness * ((static_cast<float>(k) + 0.5F) / static_cast<float>(layers) - 0.5F);
    for (const Tube& tube : near) fill_tube(plane, tube, z, layer);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += layer[i];
  }
  for (std::size_t i = 0; i < sum.size(); ++i) share[i] = std::max(share[i], sum[i] / static_cast<float>(layers));
}

}  // namespace pleura::phantom
