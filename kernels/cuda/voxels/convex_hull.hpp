#pragma once
/// kernels/convex_hull.hpp on the device, for all slices of a volume at once.
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

namespace pleura::kernels::cuda {

[[nodiscard]] std::int64_t fill_hulls_workspace_bytes(const std::array<std::int64_t, 3>& shape);

/// `out` becomes, slice by slice, every voxel whose centre lies in the convex hull of the ones' centres or on its
/// border. `out` may be `in`; `workspace` has fill_hulls_workspace_bytes and is aligned to 4 bytes.
void fill_hulls(const std::uint64_t* in, std::uint64_t* out, const std::array<std::int64_t, 3>& shape,
                std::int32_t* workspace, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
