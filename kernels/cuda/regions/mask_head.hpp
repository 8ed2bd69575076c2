#pragma once
/// kernels/mask_head.hpp on the device.
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

#include "kernels/cuda/voxels/components.hpp"
#include "kernels/mask_head.hpp"

namespace pleura::kernels::cuda {

/// A head's logits in device memory, (d, h, w, 2): background, foreground.
struct MaskLogits {
  const float* values = nullptr;
  std::array<std::int64_t, 3> shape{};  ///< (d, h, w)
  std::int64_t pitch = 2;               ///< elements from one voxel to the next
};

/// Bits become the voxels in the lungs (not 0 there, one value a voxel) whose foreground logit less background logit is
/// at least `lowest_logit`. *counts becomes how many voxels have a logit that is not finite, and no cubes.
void find_foreground(const MaskLogits& logits, const std::uint8_t* lungs, double lowest_logit, std::uint64_t* bits,
                     CubeCounts* counts, cudaStream_t stream);

/// sums[i] becomes the sum of component i's foreground probabilities, in parts of kernels::probability_one; `sums` has
/// run_count values. A voxel's may differ from the CPU's by one part, by exp.
void sum_foreground(const MaskLogits& logits, const ComponentBuffers& components, unsigned long long* sums,
                    cudaStream_t stream);

/// cubes[0, counts->kept) become the smallest cubes around the components, those of highest mean probability, best
/// first and equal ones in their order; dropped are those beyond how.most. `keys` is workspace of run_count values.
/// Throws Error(internal) where how.most is not 1 to most_proposals.
void select_cubes(const ComponentBuffers& components, const std::array<std::int64_t, 3>& shape,
                  const unsigned long long* sums, const MaskDecoding& how, Cube* cubes, CubeCounts* counts,
                  unsigned long long* keys, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
