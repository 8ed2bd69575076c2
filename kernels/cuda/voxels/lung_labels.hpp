#pragma once
/// From the voxels of two lungs to the label mask.
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

namespace pleura::kernels::cuda {

/// mask becomes 1 where `left` is one, 2 where `right` is, else 0. The lungs' words are as in BitVolume.
void label_lungs(const std::uint64_t* left, const std::uint64_t* right, std::uint8_t* mask,
                 const std::array<std::int64_t, 3>& shape, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
