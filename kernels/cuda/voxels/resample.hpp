#pragma once
/// kernels/resample.hpp on the device: the same whole HU.
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

#include "kernels/cuda/voxels/axis_taps.hpp"
#include "kernels/resample.hpp"

namespace pleura::kernels::cuda {

/// The taps of a resampling of a volume of some shape. The constructor uploads them, and waits.
class ResampleTable {
 public:
  ResampleTable(const Resample& operation, const Index3& shape);
  [[nodiscard]] std::array<AxisTaps, 3> axes() const { return {axes_[0].view(), axes_[1].view(), axes_[2].view()}; }
  [[nodiscard]] std::int16_t outside() const { return outside_; }
  [[nodiscard]] std::int64_t workspace_bytes() const;

 private:
  std::array<AxisTable, 3> axes_;
  std::int16_t outside_;
};

/// `hu` has the shape the table was made for, `out` its axes' counts; `workspace` has workspace_bytes, aligned to 4.
void resample(const std::int16_t* hu, std::int16_t* out, const Index3& shape, const ResampleTable& table,
              float* workspace, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
