#include "phantom/placing.hpp"

namespace pleura::phantom {

void orient(Lesion& lesion, Vec3 first) {
  const Vec3 helper = std::abs(first.z) < 0.8F ? Vec3{0, 0, 1} : Vec3{1, 0, 0};
  lesion.axes[0] = first;
  lesion.axes[1] = normalized(cross(first, helper));
  lesion.axes[2] = cross(first, lesion.axes[1]);
}

Lesion Drawer::start(Label label, const char* kind, Vec3 centre) {
  Lesion lesion;
  lesion.label = label;
  lesion.kind = kind;
  lesion.centre = centre;
  lesion.seed = random_.bits();
  orient(lesion, normalized({between(-1, 1), between(-1, 1), between(-1, 1)}));
  return lesion;
}

Vec3 Drawer::find(const Place& place) {
  const Host::Bounds box = host_.bounds();
  const Vec3 middle = (box.low + box.high) * 0.5F;
  Vec3 any = middle;
  for (int attempt = 0; attempt < 20000; ++attempt) {
    const Vec3 p{between(box.low.x, box.high.x), between(box.low.y, box.high.y), between(box.low.z, box.high.z)};
    const float inside = -host_.lung_at(p);
    if (inside > 0) any = p;
    if (inside < place.shallowest || inside > place.deepest) continue;
    if (p.y < middle.y && random_.chance(place.back)) continue;
    if (p.z > lerp(box.low.z, box.high.z, 0.6F) && random_.chance(place.low)) continue;
    if (place.costal && !host_.costal(p)) continue;
    if (place.beside && std::abs(inward(p).z) > 0.5F) continue;
    return p;
  }
  return any;
}

Trees::Station Drawer::station(float narrowest, float widest, float depth) {
  const std::vector<Trees::Station>& stations = host_.stations();
  const int last = static_cast<int>(stations.size()) - 1;
  for (int attempt = 0; attempt < 2000; ++attempt) {
    const Trees::Station& candidate = stations[random_.integer(0, last)];
    if (candidate.radius < narrowest || candidate.radius > widest) continue;
    if (host_.lung_at(candidate.point) < -depth) return candidate;
  }
  return stations.back();
}

Vec3 Drawer::inward(Vec3 p) const {
  constexpr float h = 2;
  const auto slope = [&](Vec3 step) { return host_.lung_at(p + step) - host_.lung_at(p - step); };
  return normalized(Vec3{slope({h, 0, 0}), slope({0, h, 0}), slope({0, 0, h})} * -1);
}

}  // namespace pleura::phantom
