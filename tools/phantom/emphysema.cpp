#include "phantom/emphysema.hpp"

#include "phantom/noise.hpp"
#include "phantom/random.hpp"

namespace pleura::phantom {

namespace {

constexpr float empty = -978, hole = -992, bulla_air = -996, bulla_wall = -780;  // HU

// Lower than this the lungs would meet below the heart.
constexpr float lowest_breath = -18;

}  // namespace

const char* to_string(EmphysemaDistribution distribution) {
  switch (distribution) {
    case EmphysemaDistribution::upper:
      return "upper";
    case EmphysemaDistribution::lower:
      return "lower";
    case EmphysemaDistribution::bullous:
      return "bullous";
    default:
      return "diffuse";
  }
}

Patient over_inflated(Patient patient, const EmphysemaOptions& options) {
  const auto severity = static_cast<float>(options.severity);
  patient.breath = std::min(patient.breath, std::max(patient.breath - 12 * severity, lowest_breath));
  patient.size_y *= 1 + 0.06F * severity;
  patient.size_z *= 1 + 0.06F * severity;
  return patient;
}

Emphysema::Emphysema(const Anatomy& anatomy, const EmphysemaOptions& options) : anatomy_(&anatomy), options_(options) {
  if (!is_none()) draw_bullae();
}

// How much of the tissue is gone, by height and by patches some centimetres wide.
float Emphysema::share_lost(Vec3 p) const {
  const float z = anatomy_->to_average(p).z;
  float share = 0.75F;
  if (options_.distribution == EmphysemaDistribution::upper) share = lerp(0.15F, 0.95F, smoothstep(-20, 30, z));
  if (options_.distribution == EmphysemaDistribution::lower) share = lerp(0.95F, 0.15F, smoothstep(-65, -10, z));
  if (options_.distribution == EmphysemaDistribution::bullous) share = lerp(0.25F, 0.5F, smoothstep(-10, 45, z));
  const float patches = 1 + 0.2F * value_noise(anatomy_->patient().seed + 70, p, 30);
  return std::clamp(static_cast<float>(options_.severity) * share * patches, 0.F, 0.97F);
}

// Panlobular loss lowers all of it; centrilobular loss opens holes half a lobule wide, more of them where more is lost.
float Emphysema::hu_at(Vec3 p, float hu) const {
  const float lost = share_lost(p);
  const float thinned = lerp(hu, empty, lost);
  const float cells = value_noise(anatomy_->patient().seed + 71, p, 6);
  const float holes = smoothstep(0.55F - 0.6F * lost, 0.75F - 0.6F * lost, cells);
  float found = lerp(thinned, hole, holes * std::min(1.F, 2 * lost));
  for (const Bulla& bulla : bullae_) {
    const float d = ellipsoid(p, bulla.centre, bulla.radii);
    if (d > 1.5F) continue;
    found = lerp(found, bulla_wall, smoothstep(1.5F, 0.3F, std::abs(d)));
    found = lerp(found, bulla_air, smoothstep(0.2F, -1, d));
  }
  return found;
}

float Emphysema::bulla_at(Vec3 p) const {
  float most = 0;
  for (const Bulla& bulla : bullae_)
    most = std::max(most, smoothstep(0.5F, -1, ellipsoid(p, bulla.centre, bulla.radii)));
  return most;
}

// Near the pleura, most of them where most is lost; in bullous emphysema high up, larger and more.
void Emphysema::draw_bullae() {
  const bool bullous = options_.distribution == EmphysemaDistribution::bullous;
  const Patient& patient = anatomy_->patient();
  Random random(patient.seed, "emphysema");
  const auto between = [&](double low, double high) { return static_cast<float>(random.uniform(low, high)); };
  const auto wanted = static_cast<std::size_t>(options_.severity * (bullous ? 16 : 6));
  constexpr int tries = 20'000;
  for (int k = 0; k < tries && bullae_.size() < wanted; ++k) {
    const Vec3 p{between(-150, 150) * patient.size_x, between(-110, 110) * patient.size_y,
                 between(anatomy_->lung_bottom(), anatomy_->lung_top())};
    const float chance = between(0, 1), high = smoothstep(-60, 60, anatomy_->to_average(p).z);
    const float depth = -anatomy_->lung_at(p);
    if (depth < 4 || depth > 26 || chance > (bullous ? high : share_lost(p))) continue;
    const float r = (bullous ? between(9, 30) : between(5, 14)) * static_cast<float>(0.5 + 0.5 * options_.severity);
    bullae_.push_back({p, {r * between(0.8, 1.2), r * between(0.8, 1.2), r * between(0.8, 1.3)}});
  }
}

}  // namespace pleura::phantom
