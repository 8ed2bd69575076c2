#pragma once
/// Antialiased linear resampling along the axes of a volume.
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "pleura/volume.hpp"

namespace pleura::kernels {

/// Where the samples of a new grid lie along one axis of an old one, in indices of the old: (first + k * step) / unit.
/// In whole numbers: a sample amid two old ones, or at the end of a tent, is so on every machine.
struct ResampleAxis {
  std::int64_t first = 0, step = 1, count = 0, unit = 1;

  /// Where sample k lies, in parts of an index of the old grid.
  [[nodiscard]] constexpr std::int64_t position(std::int64_t k) const { return first + k * step; }
  /// A (fractional) index of the new grid as one of the old.
  [[nodiscard]] constexpr double to_old(double index) const {
    return (static_cast<double>(first) + index * static_cast<double>(step)) / static_cast<double>(unit);
  }
};

/// Each new sample is a weighted mean of the old ones: a tent of half-width max(1, step / unit) around it, cut off at
/// the volume's ends, its weights made to add up to 1 (as PyTorch's and Pillow's antialias). Along y, z, x in turn, in
/// single precision, rounded half away from zero at the end. Samples whose centre lies outside the volume (beyond the
/// outer faces) read `outside`.
struct Resample {
  std::array<ResampleAxis, 3> axes;  ///< (z, y, x)
  std::int16_t outside = -1024;
};

/// The old samples [begin, begin + weights.size()) that make one new sample; none outside the volume.
struct ResampleTaps {
  std::int64_t begin = 0;
  std::vector<float> weights;
};

/// Those of every new sample of an axis of `size` old ones: the same on every backend.
[[nodiscard]] std::vector<ResampleTaps> make_taps(const ResampleAxis& axis, std::int64_t size);

/// The span [low, high) of old samples that any new one needs.
[[nodiscard]] std::pair<std::int64_t, std::int64_t> taps_span(const std::vector<ResampleTaps>& taps, std::int64_t size);

/// `hu` has shape `shape`; returns axes[0].count * axes[1].count * axes[2].count values.
[[nodiscard]] std::vector<std::int16_t> resample(const std::int16_t* hu, const Index3& shape, const Resample& how,
                                                 int threads);

namespace reference {
[[nodiscard]] std::vector<std::int16_t> resample(const std::int16_t* hu, const Index3& shape, const Resample& how);
/// The weighted mean itself, over all axes at once in double: where it lies amid two whole HU, single precision may tip
/// it to the other one.
[[nodiscard]] std::vector<std::int16_t> resample_in_double(const std::int16_t* hu, const Index3& shape,
                                                           const Resample& how);
}  // namespace reference

}  // namespace pleura::kernels
