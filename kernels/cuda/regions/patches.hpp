#pragma once
/// kernels/patches.hpp on the device.
#include <cuda_runtime_api.h>

#include <cstdint>
#include <vector>

#include "kernels/cuda/voxels/axis_taps.hpp"
#include "kernels/patches.hpp"

namespace pleura::kernels::cuda {

/// Where the pixels of all regions come from, in scratch memory.
struct PatchTable {
  std::int64_t slice_count = 0, pixels = 0;
  AxisTaps along_y, along_x;             ///< (region, pixel)
  const std::int32_t* slices = nullptr;  ///< (region, patch_slices)
};

/// `shape` is the volume's. Throws Error(internal) where a slice is not of the volume or counts of pixels differ.
[[nodiscard]] PatchTable upload_table(runtime::Device& device, const std::vector<PatchRegion>& regions,
                                      const Index3& shape);

/// `hu` has shape `shape`, `out` becomes (table.slice_count, pixels, pixels) whole HU, the CPU's. Where the volume does
/// not reach, pixels are of `outside` HU.
void cut_patches(const std::int16_t* hu, std::int16_t* out, const Index3& shape, const PatchTable& table,
                 std::int16_t outside, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
