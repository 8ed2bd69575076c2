#pragma once
/// Stages of screening on the CPU, and what they make in the host's memory.
#include <memory>
#include <vector>

#include "kernels/backend.hpp"
#include "screening/patches.hpp"
#include "screening/sampling.hpp"

namespace pleura::screening {

/// A CT and a mask of its lungs, which may be made up, in the memory of an instrument.
struct OnCpu {
  kernels::OpenDevice device;
  std::unique_ptr<kernels::Instrument> instrument;
  kernels::Hu hu;
  Lungs lungs;

  OnCpu(const Volume& volume, const MaskedLungs& of_volume, int threads)
      : device(kernels::open_device("cpu", threads)),
        instrument(device.instrument()),
        hu(instrument->take(volume.hu, volume.geometry.shape)),
        lungs(of_volume) {
    lungs.labels = instrument->take(of_volume.mask, volume.geometry.shape);
  }
};

struct ReadGrid {
  Geometry geometry;
  std::array<kernels::ResampleAxis, 3> axes;
  std::vector<std::int16_t> hu;
  std::vector<std::uint8_t> lungs;
};

struct ReadPatches : RegionPatches {
  std::vector<std::int16_t> hu;  ///< (kPatchSlices, pixels, pixels)
};

inline ReadGrid resample_lungs(const Volume& volume, const MaskedLungs& lungs,
                               const weights::SegmenterSettings& settings, int threads) {
  const OnCpu on(volume, lungs, threads);
  const NetworkGrid grid = resample_lungs(*on.instrument, on.hu, volume.geometry, on.lungs, settings);
  return {grid.geometry, grid.axes, on.instrument->read(grid.hu), on.instrument->read(grid.lungs)};
}

inline ReadPatches cut_region(const Volume& volume, const MaskedLungs& lungs, const std::array<double, 3>& centre,
                              double field_mm, std::int64_t pixels) {
  const OnCpu on(volume, lungs, 1);
  const Patches patches = cut_regions(*on.instrument, on.hu, volume.geometry, on.lungs, {centre}, field_mm, pixels);
  return {patches.regions[0], on.instrument->read(patches.hu)};
}

/// The slice's own patch.
inline std::vector<std::int16_t> cut_patch(const Volume& volume, std::int64_t slice, double y, double x,
                                           double field_mm, std::int64_t pixels) {
  MaskedLungs none;
  none.mask.resize(volume.hu.size());
  none.slice_boxes.resize(volume.geometry.shape[0]);
  const ReadPatches region = cut_region(volume, none, {static_cast<double>(slice), y, x}, field_mm, pixels);
  const auto first = region.hu.begin() + kPatchSlices / 2 * pixels * pixels;
  return {first, first + pixels * pixels};
}

inline double distance_from_edge(const Volume& volume, const MaskedLungs& lungs, std::int64_t slice, double y,
                                 double x) {
  const OnCpu on(volume, lungs, 1);
  const auto& spacing = volume.geometry.spacing;
  return on.instrument->distances_from_edge(on.lungs.labels, {spacing[1], spacing[2]},
                                            {edge_point(lungs, slice, y, x)})[0];
}

}  // namespace pleura::screening
