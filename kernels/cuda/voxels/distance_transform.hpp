#pragma once
/// kernels/distance_transform.hpp on the device: the same whole numbers.
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

#include "kernels/distance_transform.hpp"

namespace pleura::kernels::cuda {

/// `distances` and `workspace` have one value a voxel. Lines are searched outwards from each voxel: fast where what is
/// near counts, as it does for the networks' grids.
void squared_distances(const std::uint8_t* mask, std::int64_t* distances, std::int64_t* workspace,
                       const std::array<std::int64_t, 3>& shape, const std::array<std::int64_t, 3>& spacing,
                       cudaStream_t stream);

/// hu becomes `outside` wherever the squared distance is above `limit`.
void fill_beyond(const std::int64_t* distances, std::int64_t limit, std::int16_t outside, std::int16_t* hu,
                 std::int64_t voxels, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
