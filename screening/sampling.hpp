#pragma once
/// From a CT's own voxels to the grids that the networks see. Antialiased linear resampling (a tent as wide as the
/// coarser of the two spacings, as in PyTorch's and Pillow's antialias), separable, rounded to int16 HU: training and
/// inference share it. All in whole numbers of screening/spacing.hpp and in indices of the CT, so that neither the
/// format that the CT came in nor where its origin lies changes what the networks see.
#include <array>
#include <cstdint>
#include <vector>

#include "kernels/instrument.hpp"
#include "pleura/volume.hpp"
#include "screening/lungs.hpp"
#include "weights/model.hpp"

namespace pleura::screening {

inline constexpr std::int16_t outside_volume = -1024;  ///< HU beyond the CT

/// The segmenter's input before windowing, on its own grid; sizes are multiples of 16, centred on the lungs' box.
struct NetworkGrid {
  Geometry geometry;
  kernels::Hu hu;                               ///< resampled; voxels outside the lungs' margin read outside_hu
  kernels::Labels lungs;                        ///< nearest neighbour of Lungs::labels
  std::array<kernels::ResampleAxis, 3> axes{};  ///< where the grid lies in the CT (z, y, x)
};

[[nodiscard]] NetworkGrid resample_lungs(kernels::Instrument& on, const kernels::Hu& hu, const Geometry& from,
                                         const Lungs& lungs, const weights::SegmenterSettings& settings);

/// Where the pixels of a patch lie along one axis of the CT, centred at a fractional index, which is rounded to a part
/// of a pixel too small to be seen.
[[nodiscard]] kernels::ResampleAxis patch_axis(double centre, double spacing, double field_mm, std::int64_t pixels);

}  // namespace pleura::screening
