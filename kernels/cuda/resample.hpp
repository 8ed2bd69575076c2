#pragma once
/// kernels/resample.hpp on the device: the same whole HU.
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

#include "kernels/resample.hpp"
#include "runtime/cuda/device_memory.hpp"

namespace pleura::kernels::cuda {

/// The taps of one axis in device memory, as kernels read them.
struct AxisTaps {
  std::int64_t count = 0;          ///< of new samples
  std::int64_t low = 0, high = 0;  ///< the span of old samples that these need
  std::int64_t most = 0;           ///< taps that a sample may have
  const std::int32_t* begin = nullptr;
  const std::int32_t* taps = nullptr;  ///< how many; none outside the volume
  const float* weights = nullptr;      ///< (count, most)
};

/// The taps of a resampling of a volume of some shape. The constructor uploads them, and waits.
class ResampleTable {
 public:
  ResampleTable(const Resample& operation, const Index3& shape);
  [[nodiscard]] const std::array<AxisTaps, 3>& axes() const { return axes_; }
  [[nodiscard]] std::int16_t outside() const { return outside_; }
  [[nodiscard]] std::int64_t workspace_bytes() const;

 private:
  std::array<AxisTaps, 3> axes_;
  std::array<runtime::cuda::DeviceMemory, 3> memory_;
  std::int16_t outside_;
};

/// `hu` has the shape the table was made for, `out` its axes' counts; `workspace` has workspace_bytes, aligned to 4.
void resample(const std::int16_t* hu, std::int16_t* out, const Index3& shape, const ResampleTable& table,
              float* workspace, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
