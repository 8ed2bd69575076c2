#pragma once
/// The body as signed distances (mm, negative inside), one per tissue, painted in this order.
#include <array>
#include <cstddef>

#include "phantom/patient.hpp"
#include "phantom/shapes.hpp"

namespace pleura::phantom {

enum Tissue : std::size_t {
  body,    ///< all within the skin
  muscle,  ///< all within the subcutaneous fat
  cavity,  ///< all within the rib cage: fat where nothing else is
  liver,
  spleen,
  stomach,
  blood,  ///< heart and great vessels
  soft,   ///< oesophagus, muscles beside the spine
  gas,    ///< in stomach and bowel
  cartilage,
  bone,  ///< the outer face; marrow lies a cortex's thickness within
  lung,
  table,
  tissue_count
};

using Distances = std::array<float, tissue_count>;

/// What the whole chest looks like in a point. The patient's frame: origin at the carina, mm, LPS directions.
class Anatomy {
 public:
  explicit Anatomy(const Patient& patient);

  [[nodiscard]] Distances at(Vec3 p) const;
  /// Distance to the lungs' surface alone; negative inside.
  [[nodiscard]] float lung_at(Vec3 p) const;
  /// Distances to the oblique fissures and the right minor fissure, of a point in the lungs.
  [[nodiscard]] float fissure_at(Vec3 p) const;
  [[nodiscard]] const Patient& patient() const { return patient_; }
  /// Between the patient's frame, where organs have their true size, and the average adult's, where they are modelled.
  [[nodiscard]] Vec3 to_average(Vec3 p) const;
  [[nodiscard]] Vec3 from_average(Vec3 q) const;
  /// Lowest and highest z of the lungs in the patient's frame.
  [[nodiscard]] float lung_bottom() const;
  [[nodiscard]] float lung_top() const;

 private:
  [[nodiscard]] Vec3 warped(Vec3 p) const;

  Patient patient_;
  float scale_;
};

/// The parts, in the average adult's frame.
namespace part {

struct Bones {
  float bone = 1e3F, cartilage = 1e3F;
};

/// The rib cage's inner face.
[[nodiscard]] float cage(Vec3 q);
/// Along z: y of the centre of the vertebral bodies.
[[nodiscard]] float spine_y(float z, float kyphosis);
[[nodiscard]] Bones skeleton(Vec3 q, float cage, const Patient& patient);
/// Outer faces of the muscle layer and of the skin.
[[nodiscard]] float muscle_face(Vec3 q, const Patient& patient);
[[nodiscard]] float skin_face(Vec3 q, float muscle, const Patient& patient);
[[nodiscard]] float heart_and_vessels(Vec3 q, const Patient& patient);
[[nodiscard]] float oesophagus(Vec3 q);
/// The oesophagus and the muscles beside the spine.
[[nodiscard]] float soft_tissue(Vec3 q, const Patient& patient);
/// Everything between the lungs: the great vessels, spine and airways under their coat of fat.
[[nodiscard]] float mediastinum(Vec3 q, float blood, const Patient& patient);
/// Negative above the diaphragm.
[[nodiscard]] float diaphragm(Vec3 q, const Patient& patient);
/// Negative below the lungs' apices.
[[nodiscard]] float apices(Vec3 q);
/// Fills in liver, spleen, stomach and gas.
void abdomen(Vec3 q, float below_diaphragm, const Patient& patient, Distances& distances);
[[nodiscard]] float table(Vec3 p, const Patient& patient);

}  // namespace part

/// The tubes of trachea and main bronchi, average adult's frame: lumen radii at both ends.
struct Tube {
  Vec3 a, b;
  float ra, rb;
};
[[nodiscard]] const std::array<Tube, 4>& central_airways();

}  // namespace pleura::phantom
