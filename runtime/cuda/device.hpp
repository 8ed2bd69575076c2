#pragma once
/// A CUDA device as plans run on it.
#include <memory>
#include <optional>

#include "runtime/device.hpp"

namespace pleura::runtime::cuda {

/// The device of that index, or the calling thread's current one. Throws Error(resources) in one line where there is no
/// such GPU, no driver, or no code for the GPU in this build. Plans run as CUDA graphs from their second run on.
[[nodiscard]] std::unique_ptr<Device> open_device(std::optional<int> index, int threads);

/// GPUs that the driver knows; 0 where there is no driver for this build.
[[nodiscard]] int device_count();

}  // namespace pleura::runtime::cuda
