#pragma once
/// Findings grown inside a real CT's own lungs: its noise, vessels and pleura are kept.
#include <memory>

#include "phantom/lesions.hpp"
#include "phantom/phantom.hpp"
#include "screening/lungs.hpp"

namespace pleura::phantom {

/// A CT to grow findings in, with what is known of it.
struct Background {
  std::string name;  ///< its path, as given
  Volume volume;
  /// Boxes of a truth.json beside the CT, such as a tumour's with the label "ignore": kept in the truth, and nothing
  /// grows there.
  std::vector<KnownBox> known;
};

/// Throws as read_ct, and input_refused where the truth.json beside it is none.
[[nodiscard]] std::shared_ptr<const Background> read_background(const std::filesystem::path& ct);

/// Every `factor` slices averaged into one; a rest is left out.
[[nodiscard]] Volume thicker(const Volume& volume, std::int64_t factor);

/// The lungs of a CT as a place for findings. Frame: mm from the centre of voxel (0, 0, 0) along its own axes.
class RealLungs final : public Host {
 public:
  /// Finds the lungs; throws as find_lungs. `closed`: where nothing may grow. Keeps a reference to the volume.
  RealLungs(const Volume& volume, const std::vector<WorldBox>& closed, std::uint64_t seed, int threads);

  [[nodiscard]] float lung_at(Vec3 p) const override;
  [[nodiscard]] bool costal(Vec3 p) const override;
  [[nodiscard]] Bounds bounds() const override { return bounds_; }
  [[nodiscard]] const std::vector<Trees::Station>& stations() const override { return stations_; }
  [[nodiscard]] const std::vector<std::uint8_t>& mask() const { return lungs_.mask; }

  /// HU that the findings add to slice z, and for each voxel 0 or 1 + the finding's index.
  struct Growth {
    std::vector<float> hu;
    std::vector<std::uint8_t> lesions;
  };
  [[nodiscard]] Growth grow(const Findings& findings, std::int64_t z) const;

 private:
  void measure_distances(int threads);
  void measure_parenchyma();
  void place_stations(std::uint64_t seed);
  [[nodiscard]] std::int64_t voxel(Vec3 p) const;

  const Volume& volume_;
  screening::MaskedLungs lungs_;
  std::vector<std::uint8_t> open_;  // the lungs without what is closed
  Geometry frame_;                  // the volume's, at the origin and unturned
  Bounds bounds_{};
  Geometry grid_;                // of distance_, coarser
  std::vector<float> distance_;  // mm to the lungs' surface, negative inside
  float front_hu_ = -870, back_hu_ = -840;
  std::vector<Trees::Station> stations_;
};

}  // namespace pleura::phantom
