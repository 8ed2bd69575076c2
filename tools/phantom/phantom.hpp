#pragma once
/// A synthetic chest CT with its ground truth, from a seed: the same seed gives the same voxels on any number of
/// threads.
///
/// Lengths are mm, densities HU, orders as in pleura/volume.hpp.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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
};

struct PhantomOptions {
  std::uint64_t seed = 0;
  std::optional<CaseLabel> findings;  ///< absent: from the seed
  Acquisition acquisition;
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

struct Phantom {
  Volume volume;
  CaseLabel findings = CaseLabel::no_infection_found;
  std::vector<TrueRegion> regions;
  std::vector<std::uint8_t> lungs;    ///< per voxel: 0 outside, 1 left, 2 right
  std::vector<std::uint8_t> lesions;  ///< per voxel: 0, or 1 + the index in regions
  double left_litres = 0, right_litres = 0;
};

[[nodiscard]] Phantom make_phantom(const PhantomOptions& options, const Progress& progress = {});

}  // namespace pleura::phantom
