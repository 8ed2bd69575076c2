#pragma once
/// The current CUDA device as plans run on it.
#include <memory>

#include "runtime/device.hpp"

namespace pleura::kernels::cuda {

/// Throws Error(resources) in one line where there is no GPU, no driver, or no code for the GPU in this build. Plans
/// run as CUDA graphs from their second run on.
[[nodiscard]] std::unique_ptr<runtime::Device> open_device(int threads);

}  // namespace pleura::kernels::cuda
