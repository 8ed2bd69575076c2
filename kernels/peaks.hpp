#pragma once
/// What a device can do at most, measured: the roofline that a profile holds layers to.
#include "runtime/device.hpp"

namespace pleura::kernels {

/// Far more than caches hold.
constexpr std::int64_t kBytesForPeaks = std::int64_t{256} << 20;

struct Peaks {
  double flops = 0;             ///< operations a second, a multiply-add is two; the best of several runs
  double bytes = 0;             ///< a second, read and written, of y += s * x
  const char* arithmetic = "";  ///< which operations
};

/// Of the fastest arithmetic that pleura's kernels have for a type of activations on a device. `bytes`: what the arrays
/// in its memory may take. Throws Error(resources) where there is less.
using MeasurePeaks = Peaks (*)(runtime::Device& device, runtime::DType activations, std::int64_t bytes);

}  // namespace pleura::kernels
