#pragma once
/// kernels/window.hpp on the device.
#include <cuda_runtime_api.h>

#include "kernels/window.hpp"

namespace pleura::kernels::cuda {

/// Both for tensors of fp32 or fp16; others throw Error(internal).
void window_volume(const std::int16_t* hu, const Window& window, const runtime::TensorView& out, cudaStream_t stream);
void window_images(const std::int16_t* patches, std::int64_t images, std::int64_t first, const ImageChannels& how,
                   const runtime::TensorView& out, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
