#pragma once
/// The taps of kernels/resample.hpp in device memory.
#include <cstdint>
#include <vector>

#include "kernels/resample.hpp"
#include "runtime/device.hpp"

namespace pleura::kernels::cuda {

/// The taps of one axis as kernels read them.
struct AxisTaps {
  std::int64_t count = 0;          ///< of new samples
  std::int64_t low = 0, high = 0;  ///< the span of old samples that these need
  std::int64_t most = 0;           ///< taps that a sample may have
  const std::int32_t* begin = nullptr;
  const std::int32_t* taps = nullptr;  ///< how many; none outside the volume
  const float* weights = nullptr;      ///< (count, most)
};

/// Those of samples of an axis of `size` old ones, uploaded to the device's scratch memory.
[[nodiscard]] AxisTaps upload_taps(runtime::Device& device, const std::vector<ResampleTaps>& taps, std::int64_t size);

}  // namespace pleura::kernels::cuda
