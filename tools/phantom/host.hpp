#pragma once
/// Where findings grow: the lungs of a made-up patient, or of a real CT (background.hpp).
#include <vector>

#include "phantom/tree.hpp"

namespace pleura::phantom {

/// Lungs, as much of them as placing a finding needs. Its own frame: mm, axes as in shapes.hpp.
class Host {
 public:
  struct Bounds {
    Vec3 low, high;
  };

  virtual ~Host() = default;
  /// Distance to the lungs' surface; negative inside.
  [[nodiscard]] virtual float lung_at(Vec3 p) const = 0;
  /// Whether the pleura nearest to a point in the lungs is the ribs' or the diaphragm's, not the mediastinum's.
  [[nodiscard]] virtual bool costal(Vec3 p) const = 0;
  /// A box that holds both lungs.
  [[nodiscard]] virtual Bounds bounds() const = 0;
  /// Points along the larger bronchi; may be few, never none.
  [[nodiscard]] virtual const std::vector<Trees::Station>& stations() const = 0;
};

/// A made-up patient's lungs; refers to both arguments.
class PatientLungs final : public Host {
 public:
  PatientLungs(const Anatomy& anatomy, const Trees& trees) : anatomy_(anatomy), trees_(trees) {}
  [[nodiscard]] float lung_at(Vec3 p) const override { return anatomy_.lung_at(p); }
  [[nodiscard]] bool costal(Vec3 p) const override {
    return -part::cage(anatomy_.to_average(p)) <= 8 - anatomy_.lung_at(p);
  }
  [[nodiscard]] Bounds bounds() const override {
    const Vec3 low = anatomy_.from_average({-148, -105, 0}), high = anatomy_.from_average({148, 105, 0});
    return {{low.x, low.y, anatomy_.lung_bottom()}, {high.x, high.y, anatomy_.lung_top()}};
  }
  [[nodiscard]] const std::vector<Trees::Station>& stations() const override { return trees_.stations; }

 private:
  const Anatomy& anatomy_;
  const Trees& trees_;
};

}  // namespace pleura::phantom
