#pragma once
/// From a CT's own voxels to the grids that the networks see. Antialiased linear resampling (a tent as wide as the
/// coarser of the two spacings, as in PyTorch's and Pillow's antialias), separable, rounded to int16 HU: training and
/// inference share it. All in whole numbers of screening/spacing.hpp and in indices of the CT, so that neither the
/// format that the CT came in nor where its origin lies changes what the networks see.
#include <array>
#include <cstdint>
#include <vector>

#include "kernels/resample.hpp"
#include "pleura/volume.hpp"
#include "screening/lungs.hpp"
#include "weights/model.hpp"

namespace pleura::screening {

/// The segmenter's input before windowing, on its own grid; sizes are multiples of 16, centred on the lungs' box.
struct NetworkGrid {
  Volume volume;                                ///< resampled HU; voxels outside the lungs' margin read outside_hu
  std::vector<std::uint8_t> lungs;              ///< nearest neighbour of Lungs::mask
  std::array<kernels::ResampleAxis, 3> axes{};  ///< where the grid lies in the CT (z, y, x)
};

[[nodiscard]] NetworkGrid resample_lungs(const Volume& volume, const Lungs& lungs,
                                         const weights::SegmenterSettings& settings, int threads);

/// Nearest neighbours of a mask of some shape; where two are as near, the one of higher index. 0 outside of it.
[[nodiscard]] std::vector<std::uint8_t> sample_mask(const std::vector<std::uint8_t>& mask, const Index3& shape,
                                                    const std::array<kernels::ResampleAxis, 3>& axes, int threads);

/// Where the pixels of a patch lie along one axis of the CT, centred at a fractional index, which is rounded to a part
/// of a pixel too small to be seen.
[[nodiscard]] kernels::ResampleAxis patch_axis(double centre, double spacing, double field_mm, std::int64_t pixels);

/// A square patch of one slice, pixels x pixels over field_mm, centred at a fractional (y, x) index; outside the volume
/// -1024.
[[nodiscard]] std::vector<std::int16_t> cut_patch(const Volume& volume, std::int64_t slice, double y, double x,
                                                  double field_mm, std::int64_t pixels);

}  // namespace pleura::screening
