#pragma once
/// kernels/patches.hpp on the device.
#include <cuda_runtime_api.h>

#include <cstdint>
#include <vector>

#include "kernels/cuda/voxels/axis_taps.hpp"
#include "kernels/patches.hpp"

namespace pleura::kernels::cuda {

/// Where the pixels of all regions come from. The constructor uploads that, and waits.
class PatchTable {
 public:
  /// `shape` is the volume's. Throws Error(internal) where a slice is not of the volume or counts of pixels differ.
  PatchTable(const std::vector<PatchRegion>& regions, const Index3& shape);
  [[nodiscard]] std::int64_t slice_count() const { return slice_count_; }
  [[nodiscard]] std::int64_t pixels() const { return pixels_; }
  [[nodiscard]] const AxisTaps& along_y() const { return along_y_.view(); }  ///< (region, pixel)
  [[nodiscard]] const AxisTaps& along_x() const { return along_x_.view(); }
  [[nodiscard]] const std::int32_t* slices() const { return reinterpret_cast<const std::int32_t*>(slices_.data()); }

 private:
  std::int64_t slice_count_ = 0, pixels_ = 0;
  AxisTable along_y_, along_x_;
  runtime::cuda::DeviceMemory slices_;  ///< (region, patch_slices)
};

/// `hu` has shape `shape`, `out` becomes (table.slice_count(), pixels, pixels) whole HU, the CPU's. Where the volume
/// does not reach, pixels are of `outside` HU.
void cut_patches(const std::int16_t* hu, std::int16_t* out, const Index3& shape, const PatchTable& table,
                 std::int16_t outside, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
