#pragma once
/// kernels/resample.hpp on the device: the same whole HU.
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

#include "kernels/cuda/voxels/axis_taps.hpp"
#include "kernels/resample.hpp"

namespace pleura::kernels::cuda {

/// The taps of each axis of a resampling, in scratch memory.
using ResampleTable = std::array<AxisTaps, 3>;

[[nodiscard]] ResampleTable upload_table(runtime::Device& device, const Resample& operation, const Index3& shape);

[[nodiscard]] std::int64_t resample_workspace_bytes(const ResampleTable& table);

/// `hu` has the shape the table was made for, `out` its axes' counts; `outside` where the volume does not reach.
/// `workspace` has resample_workspace_bytes, aligned to 4.
void resample(const std::int16_t* hu, std::int16_t* out, const Index3& shape, const ResampleTable& table,
              std::int16_t outside, float* workspace, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
