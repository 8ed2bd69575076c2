/// Which findings a case has, where and how they look.
#include <optional>

#include "phantom/lesions.hpp"
#include "phantom/random.hpp"

namespace pleura::phantom {

namespace {

class Drawer {
 public:
  Drawer(const Anatomy& anatomy, const Trees& trees, std::uint64_t seed, const char* stream)
      : anatomy_(anatomy), trees_(trees), random_(seed, stream) {}

  float between(double low, double high) { return static_cast<float>(random_.uniform(low, high)); }
  Random& random() { return random_; }

  Lesion start(Label label, const char* kind, Vec3 centre) {
    Lesion lesion;
    lesion.label = label;
    lesion.kind = kind;
    lesion.centre = centre;
    lesion.seed = random_.bits();
    const Vec3 first = normalized({between(-1, 1), between(-1, 1), between(-1, 1)});
    orient(lesion, first);
    return lesion;
  }

  // The first axis along a direction, the others across it.
  static void orient(Lesion& lesion, Vec3 first) {
    const Vec3 helper = std::abs(first.z) < 0.8F ? Vec3{0, 0, 1} : Vec3{1, 0, 0};
    lesion.axes[0] = first;
    lesion.axes[1] = normalized(cross(first, helper));
    lesion.axes[2] = cross(first, lesion.axes[1]);
  }

  struct Place {
    float shallowest, deepest;  // mm below the nearest pleura
    bool costal;                // the nearest pleura is the ribs' or the diaphragm's, not the mediastinum's
    float back = 0.5F;          // chance that the front half is passed over
    float low = 0.3F;           // chance that the upper half is passed over
  };

  Vec3 find(const Place& place) {
    const float bottom = anatomy_.lung_bottom(), top = anatomy_.lung_top();
    for (int attempt = 0; attempt < 20000; ++attempt) {
      Vec3 p = anatomy_.from_average({between(-148, 148), between(-105, 105), 0});
      p.z = between(bottom, top);
      if (p.y < 0 && random_.chance(place.back)) continue;
      if (p.z > 10 && random_.chance(place.low)) continue;
      const float inside = -anatomy_.lung_at(p);
      if (inside < place.shallowest || inside > place.deepest) continue;
      if (place.costal && -part::cage(anatomy_.to_average(p)) > inside + 8) continue;
      return p;
    }
    return anatomy_.from_average({-80, 20, 0});  // lungs this small have no such place
  }

  // Into the lung, away from the nearest pleura.
  Vec3 inward(Vec3 p) const {
    constexpr float h = 2;
    const auto slope = [&](Vec3 step) { return anatomy_.lung_at(p + step) - anatomy_.lung_at(p - step); };
    return normalized(Vec3{slope({h, 0, 0}), slope({0, h, 0}), slope({0, 0, h})} * -1);
  }

  const Trees::Station& station(float narrowest, float widest) {
    const int last = static_cast<int>(trees_.stations.size()) - 1;
    for (int attempt = 0; attempt < 2000; ++attempt) {
      const auto& candidate = trees_.stations[random_.integer(0, last)];
      if (candidate.radius < narrowest || candidate.radius > widest) continue;
      if (anatomy_.lung_at(candidate.point) < -6) return candidate;
    }
    return trees_.stations.back();
  }

 private:
  const Anatomy& anatomy_;
  const Trees& trees_;
  Random random_;
};

Lesion covid(Drawer& draw) {
  const bool peripheral = draw.random().chance(0.82);
  const bool large = draw.random().chance(0.35);
  const Vec3 centre =
      peripheral ? draw.find({1, large ? 12.F : 7.F, true, 0.6F, 0.35F}) : draw.find({12, 45, false, 0.4F, 0.3F});
  const double style = draw.random().uniform(0, 1);
  Lesion lesion = draw.start(Label::covid19, "ground_glass", centre);
  const float r = large ? draw.between(14, 26) : draw.between(6, 14);
  if (peripheral) {
    Drawer::orient(lesion, draw.inward(centre));  // flat along the pleura
    lesion.radii = {r * draw.between(0.55, 0.95), r * draw.between(0.85, 1.3), r * draw.between(0.85, 1.3)};
  } else {
    lesion.radii = {r * draw.between(0.8, 1.1), r * draw.between(0.8, 1.1), r * draw.between(0.8, 1.1)};
  }
  lesion.ragged = 0.32F * r + 1;
  lesion.wavelength = draw.between(0.9, 1.5) * r;
  lesion.edge = draw.between(2.5, 6);
  lesion.hu = draw.between(-690, -470);
  lesion.mottle = draw.between(60, 150);
  lesion.grain = draw.between(6, 12);
  if (style < 0.2) {
    lesion.kind = "crazy_paving";
    lesion.septa = draw.between(130, 240);
  } else if (style < 0.42) {
    lesion.kind = "halo";  // consolidation within ground glass
    lesion.core = draw.between(0.45, 0.75);
    lesion.core_hu = draw.between(-220, 0);
  } else if (style < 0.52) {
    lesion.kind = "consolidation";
    lesion.hu = draw.between(-300, -60);
    lesion.mottle = draw.between(50, 110);
    lesion.edge = draw.between(1.8, 3.5);
  }
  return lesion;
}

void bronchogram(Drawer& draw, const Lesion& lesion, std::vector<Tube>& air) {
  const int branches = draw.random().integer(2, 4);
  const float length_mm = std::max({lesion.radii.x, lesion.radii.y, lesion.radii.z});
  Vec3 from = lesion.centre - lesion.axes[0] * (0.7F * length_mm);
  const Vec3 fork = lesion.centre - lesion.axes[0] * (0.15F * length_mm);
  const float r = draw.between(0.9, 1.7);
  air.push_back({from, fork, 1.15F * r, r});
  for (int branch = 0; branch < branches; ++branch) {
    const Vec3 to = lesion.centre + lesion.axes[0] * (length_mm * draw.between(0.3, 0.85)) +
                    lesion.axes[1] * (lesion.radii.y * draw.between(-0.7, 0.7)) +
                    lesion.axes[2] * (lesion.radii.z * draw.between(-0.7, 0.7));
    air.push_back({fork, to, 0.85F * r, 0.55F * r});
  }
}

Lesion influenza(Drawer& draw, std::vector<Tube>& air) {
  const double style = draw.random().uniform(0, 1);
  if (style < 0.22) {  // patchy ground glass, firmer at the edge than COVID-19's, anywhere
    Lesion lesion = draw.start(Label::influenza_a, "ground_glass", draw.find({4, 40, false, 0.4F, 0.3F}));
    const float r = draw.between(7, 17);
    lesion.radii = {r * draw.between(0.8, 1.3), r * draw.between(0.8, 1.2), r};
    lesion.ragged = 0.22F * r;
    lesion.wavelength = draw.between(0.5, 0.8) * r;
    lesion.edge = draw.between(1.2, 2.4);
    lesion.hu = draw.between(-620, -400);
    lesion.mottle = draw.between(60, 140);
    lesion.grain = draw.between(4, 8);
    return lesion;
  }
  const bool wide = style < 0.72;
  const auto& at = draw.station(wide ? 0.9F : 0.6F, wide ? 3.F : 1.2F);
  Lesion lesion = draw.start(Label::influenza_a, "consolidation", at.point);
  Drawer::orient(lesion, at.along);
  const float r = wide ? draw.between(9, 18) : draw.between(5, 10);
  lesion.centre = at.point + at.along * (0.4F * r);
  lesion.radii = {r * draw.between(1.1, 1.7), r * draw.between(0.6, 1), r * draw.between(0.6, 1)};
  lesion.ragged = 0.28F * r;
  lesion.wavelength = draw.between(0.5, 0.9) * r;
  lesion.edge = draw.between(0.9, 2);
  lesion.hu = draw.between(-230, 35);
  lesion.mottle = draw.between(30, 110);
  lesion.grain = draw.between(4, 9);
  if (wide) {
    lesion.kind = "air_bronchogram";
    bronchogram(draw, lesion, air);
  }
  return lesion;
}

Lesion irrelevant(Drawer& draw) {
  const double style = draw.random().uniform(0, 1);
  if (style < 0.22) {
    Lesion lesion = draw.start(Label::irrelevant, "atelectasis", draw.find({1, 4, true, 1, 0.6F}));
    Drawer::orient(lesion, draw.inward(lesion.centre));
    lesion.radii = {draw.between(8, 12), draw.between(14, 30), draw.between(18, 40)};
    lesion.depth = draw.between(3, 8);
    lesion.ragged = 3;
    lesion.edge = draw.between(1.5, 4);
    lesion.hu = draw.between(-720, -420);
    lesion.mottle = 60;
    return lesion;
  }
  if (style < 0.5) {
    Lesion lesion = draw.start(Label::irrelevant, "scar", draw.find({2, 14, false, 0.3F, 0.1F}));
    const float r = draw.between(7, 18);
    lesion.radii = {r, r * draw.between(0.3, 0.7), draw.between(1.1, 2.2)};
    lesion.ragged = 1.6F;
    lesion.wavelength = 8;
    lesion.edge = 0.8F;
    lesion.hu = draw.between(-330, 20);
    lesion.mottle = 80;
    return lesion;
  }
  if (style < 0.66) {
    Lesion lesion = draw.start(Label::irrelevant, "calcification", draw.find({2, 40, false, 0.1F, 0.1F}));
    const float r = draw.between(1.8, 4);
    lesion.radii = {r, r * draw.between(0.7, 1), r * draw.between(0.7, 1)};
    lesion.edge = 0.6F;
    lesion.hu = draw.between(180, 850);
    return lesion;
  }
  if (style < 0.8) {
    Lesion lesion = draw.start(Label::irrelevant, "nodule", draw.find({2, 40, false, 0.1F, 0.1F}));
    const float r = draw.between(2.2, 5);
    lesion.radii = {r, r * draw.between(0.8, 1), r * draw.between(0.8, 1)};
    lesion.ragged = 0.5F;
    lesion.wavelength = 4;
    lesion.edge = 0.7F;
    lesion.hu = draw.between(-120, 60);
    return lesion;
  }
  if (style < 0.9) {
    Lesion lesion = draw.start(Label::irrelevant, "reticulation", draw.find({1, 8, true, 0.5F, 0.5F}));
    const float r = draw.between(8, 16);
    lesion.radii = {r, r, r * draw.between(0.8, 1.3)};
    lesion.depth = draw.between(6, 12);
    lesion.ragged = 3;
    lesion.edge = 3;
    lesion.hu = -840;
    lesion.septa = draw.between(260, 420);
    return lesion;
  }
  Lesion lesion = draw.start(Label::irrelevant, "emphysema", draw.find({2, 30, false, 0.2F, 0}));
  const float r = draw.between(6, 16);
  lesion.radii = {r, r * draw.between(0.7, 1), r * draw.between(0.7, 1)};
  lesion.ragged = 0.4F * r;
  lesion.wavelength = 0.8F * r;
  lesion.edge = 1.5F;
  lesion.hu = draw.between(-985, -955);
  return lesion;
}

}  // namespace

Findings draw_findings(const Anatomy& anatomy, const Trees& trees, CaseLabel label, std::uint64_t seed) {
  Findings findings;
  Drawer trivial(anatomy, trees, seed, "irrelevant findings");
  const int count = trivial.random().integer(1, label == CaseLabel::no_infection_found ? 6 : 4);
  for (int i = 0; i < count; ++i) findings.lesions.push_back(irrelevant(trivial));

  Drawer draw(anatomy, trees, seed, "disease");
  if (label == CaseLabel::covid19) {
    const int foci = draw.random().integer(3, 10);
    for (int i = 0; i < foci; ++i) findings.lesions.push_back(covid(draw));
  } else if (label == CaseLabel::influenza_a) {
    const int foci = draw.random().integer(2, 7);
    for (int i = 0; i < foci; ++i) findings.lesions.push_back(influenza(draw, findings.air));
  }
  return findings;
}

}  // namespace pleura::phantom
