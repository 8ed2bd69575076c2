#pragma once
/// The images of all regions as the classifier's input, as screening::cut_region and classifier_input.
#include <cuda_fp16.h>
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>
#include <vector>

#include "kernels/cuda/axis_taps.hpp"

namespace pleura::kernels::cuda {

inline constexpr int patch_images = 3;    ///< of a region
inline constexpr int patch_slices = 5;    ///< image k is slice k + 1; its neighbours are slices k and k + 2
inline constexpr int patch_channels = 3;  ///< of an image

/// Where a region's images lie in a volume of HU.
struct PatchRegion {
  std::array<std::int64_t, patch_slices> slices{};  ///< of the volume
  ResampleAxis along_y, along_x;                    ///< both of as many pixels
};

/// What a pixel's three channels are.
struct PatchChannels {
  bool neighbours = false;  ///< a slice between its two neighbours under the first window; else a slice under three
  std::array<std::array<double, 2>, patch_channels> windows{};  ///< HU (low, high)
};

/// Where the pixels of all regions come from. The constructor uploads that, and waits.
class PatchTable {
 public:
  /// `shape` is the volume's. Throws Error(internal) where a slice is not of the volume or counts of pixels differ.
  PatchTable(const std::vector<PatchRegion>& regions, const Index3& shape);
  [[nodiscard]] std::int64_t images() const { return images_; }
  [[nodiscard]] std::int64_t pixels() const { return pixels_; }
  [[nodiscard]] const AxisTaps& along_y() const { return along_y_.view(); }  ///< (region, pixel)
  [[nodiscard]] const AxisTaps& along_x() const { return along_x_.view(); }
  [[nodiscard]] const std::int32_t* slices() const { return reinterpret_cast<const std::int32_t*>(slices_.data()); }

 private:
  std::int64_t images_ = 0, pixels_ = 0;
  AxisTable along_y_, along_x_;
  runtime::cuda::DeviceMemory slices_;  ///< (region, patch_slices)
};

/// `hu` has shape `shape`, `out` (table.images(), 1, pixels, pixels, patch_channels), `pitch` elements from one pixel
/// to the next. Where the volume does not reach, pixels are of `outside` HU.
void gather_patches(const std::int16_t* hu, float* out, std::int64_t pitch, const Index3& shape,
                    const PatchTable& table, const PatchChannels& channels, std::int16_t outside, cudaStream_t stream);
void gather_patches(const std::int16_t* hu, __half* out, std::int64_t pitch, const Index3& shape,
                    const PatchTable& table, const PatchChannels& channels, std::int16_t outside, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
