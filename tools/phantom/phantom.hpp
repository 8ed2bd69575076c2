#pragma once
/// A synthetic chest CT with its ground truth, from a seed: the same seed gives the same voxels on any number of
/// threads.
///
/// Lengths are mm, densities HU, orders as in pleura/volume.hpp.
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "phantom/emphysema.hpp"
#include "phantom/patient.hpp"
#include "pleura/pleura.hpp"
#include "pleura/result.hpp"
#include "pleura/volume.hpp"

namespace pleura::phantom {

/// How the CT is taken.
struct Acquisition {
  std::int64_t slices = 0;                       ///< 0: as many as hold the lungs
  std::array<double, 3> spacing{5, 0.75, 0.75};  ///< z, y, x
  std::int64_t matrix = 512;                     ///< rows and columns
  std::optional<double> kernel;                  ///< sharpness, 0 (soft tissue) to 1 (lung); absent: from the seed
  std::optional<double> noise;                   ///< HU in the middle of the body; absent: from the seed
  double noise_factor = 1;                       ///< on the noise drawn from the seed: the dose
};

struct Background;

struct PhantomOptions {
  std::uint64_t seed = 0;
  std::optional<CaseLabel> findings;  ///< absent: from the seed
  Acquisition acquisition;
  Population population;
  EmphysemaOptions emphysema;  ///< of a made-up patient
  /// Findings are grown in this CT, not in a made-up patient: `acquisition` then says nothing but the slices'
  /// thickness.
  std::shared_ptr<const Background> background;
  std::string recipe;   ///< for the truth: what a cohort was drawn by
  bool lesions = true;  ///< false: the same patient before any finding, for comparison
  int threads = 0;      ///< 0: one per core
};

/// One finding.
struct TrueRegion {
  Label label = Label::irrelevant;
  std::string kind;  ///< "ground_glass", "consolidation", "scar", ...
  VoxelBox box_voxels;
  WorldBox box_mm;
  Point3 centre{};  ///< mean of its voxels' centres
  double volume_ml = 0;
  double mean_hu = 0;
};

/// What became of the lungs.
struct TrueEmphysema {
  EmphysemaOptions options;
  double share_below_950 = 0;  ///< of the lungs' voxels, in HU
};

/// A box of a background's own truth.
struct KnownBox {
  std::string label;
  WorldBox box_mm;
};

struct Phantom {
  Volume volume;
  std::string recipe, background;  ///< empty: none
  std::vector<KnownBox> known;     ///< of the background
  CaseLabel findings = CaseLabel::no_infection_found;
  std::optional<TrueEmphysema> emphysema;
  std::vector<TrueRegion> regions;
  std::vector<std::uint8_t> lungs;    ///< per voxel: 0 outside, 1 left, 2 right
  std::vector<std::uint8_t> lesions;  ///< per voxel: 0, or 1 + the index in regions
  double left_litres = 0, right_litres = 0;
};

[[nodiscard]] Phantom make_phantom(const PhantomOptions& options, const Progress& progress = {});

}  // namespace pleura::phantom
