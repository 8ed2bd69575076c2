#pragma once
/// Stages of screening on the CPU.
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

  OnCpu(const Volume& volume, const Lungs& of_volume, int threads)
      : device(kernels::open_device("cpu", threads)),
        instrument(device.instrument()),
        hu(instrument->take(volume.hu, volume.geometry.shape)),
        lungs(of_volume) {
    lungs.labels = instrument->take(lungs.mask, volume.geometry.shape);
  }
};

inline NetworkGrid resample_lungs(const Volume& volume, const Lungs& lungs, const weights::SegmenterSettings& settings,
                                  int threads) {
  const OnCpu on(volume, lungs, threads);
  return resample_lungs(*on.instrument, on.hu, volume.geometry, on.lungs, settings);
}

inline RegionPatches cut_region(const Volume& volume, const Lungs& lungs, const std::array<double, 3>& centre,
                                double field_mm, std::int64_t pixels) {
  const OnCpu on(volume, lungs, 1);
  return cut_regions(*on.instrument, on.hu, volume.geometry, on.lungs, {centre}, field_mm, pixels)[0];
}

/// The slice's own patch.
inline std::vector<std::int16_t> cut_patch(const Volume& volume, std::int64_t slice, double y, double x,
                                           double field_mm, std::int64_t pixels) {
  Lungs none;
  none.mask.resize(volume.hu.size());
  none.slice_boxes.resize(volume.geometry.shape[0]);
  const RegionPatches region = cut_region(volume, none, {static_cast<double>(slice), y, x}, field_mm, pixels);
  const auto first = region.hu.begin() + kPatchSlices / 2 * pixels * pixels;
  return {first, first + pixels * pixels};
}

inline double distance_from_edge(const Volume& volume, const Lungs& lungs, std::int64_t slice, double y, double x) {
  const OnCpu on(volume, lungs, 1);
  const auto& spacing = volume.geometry.spacing;
  return on.instrument->distances_from_edge(on.lungs.labels, {spacing[1], spacing[2]},
                                            {edge_point(lungs, slice, y, x)})[0];
}

}  // namespace pleura::screening
