#include "phantom/placing.hpp"

#include <algorithm>
#include <limits>

namespace pleura::phantom {

namespace {

constexpr int tries = 20000;  // in the box around the lungs: close enough to the deepest, and to a place

}

void orient(Lesion& lesion, Vec3 first) {
  const Vec3 helper = std::abs(first.z) < 0.8F ? Vec3{0, 0, 1} : Vec3{1, 0, 0};
  lesion.axes[0] = first;
  lesion.axes[1] = normalized(cross(first, helper));
  lesion.axes[2] = cross(first, lesion.axes[1]);
}

Drawer::Drawer(const Host& host, std::uint64_t seed, std::string_view stream) : host_(host), random_(seed, stream) {
  float deepest = 0;
  for (int i = 0; i < tries; ++i) deepest = std::max(deepest, -host_.lung_at(anywhere()));
  scale_ = std::max(deepest, 1.F) / usual_depth_mm;
}

Vec3 Drawer::anywhere() {
  const Host::Bounds box = host_.bounds();
  return {between(box.low.x, box.high.x), between(box.low.y, box.high.y), between(box.low.z, box.high.z)};
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
  Vec3 nearest = middle;
  float least = std::numeric_limits<float>::max();
  for (int attempt = 0; attempt < tries; ++attempt) {
    const Vec3 p = anywhere();
    const float depth = -host_.lung_at(p) / scale_;
    if (depth <= 0) continue;
    if (least == std::numeric_limits<float>::max()) nearest = p;
    const float off = std::max({place.shallowest - depth, depth - place.deepest, 0.F});
    if (off >= least) continue;
    if (p.y < middle.y && random_.chance(place.back)) continue;
    if (p.z > lerp(box.low.z, box.high.z, 0.6F) && random_.chance(place.low)) continue;
    if (place.costal && !host_.costal(p)) continue;
    if (place.beside && std::abs(inward(p).z) > 0.5F) continue;
    if (off == 0) return p;
    nearest = p;
    least = off;
  }
  return nearest;
}

Trees::Station Drawer::station(float narrowest, float widest, float depth) {
  const std::vector<Trees::Station>& stations = host_.stations();
  const int last = static_cast<int>(stations.size()) - 1;
  const Trees::Station* deepest = nullptr;
  float lowest = std::numeric_limits<float>::max();
  for (int attempt = 0; attempt < 2000; ++attempt) {
    const Trees::Station& candidate = stations[random_.integer(0, last)];
    if (candidate.radius < narrowest || candidate.radius > widest) continue;
    const float at = host_.lung_at(candidate.point);
    if (at < -depth * scale_) return candidate;
    if (at >= lowest) continue;
    deepest = &candidate;
    lowest = at;
  }
  return deepest != nullptr ? *deepest : stations.back();
}

Vec3 Drawer::inward(Vec3 p) const {
  constexpr float h = 2;
  const auto slope = [&](Vec3 step) { return host_.lung_at(p + step) - host_.lung_at(p - step); };
  return normalized(Vec3{slope({h, 0, 0}), slope({0, h, 0}), slope({0, 0, h})} * -1);
}

}  // namespace pleura::phantom
