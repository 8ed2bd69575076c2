#pragma once
/// The components of a mask head's foreground as cubes, as screening::decode_mask and keep_best.
#include <cuda_fp16.h>
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

#include "kernels/cuda/regions/proposals.hpp"
#include "kernels/cuda/voxels/components.hpp"

namespace pleura::kernels::cuda {

/// A head's logits in device memory, (d, h, w, 2): background, foreground.
template <class Element>
struct MaskLogits {
  const Element* values = nullptr;
  std::array<std::int64_t, 3> shape{};  ///< (d, h, w)
  std::int64_t pitch = 2;               ///< elements from one voxel to the next
};

/// Bits become the voxels in the lungs (not 0 there, one value a voxel) whose foreground logit less background logit is
/// at least `lowest_logit`. *not_finite becomes how many voxels have a logit that is not finite: the bits mean nothing
/// then.
void find_foreground(const MaskLogits<float>& logits, const std::uint8_t* lungs, double lowest_logit,
                     std::uint64_t* bits, std::int32_t* not_finite, cudaStream_t stream);
void find_foreground(const MaskLogits<__half>& logits, const std::uint8_t* lungs, double lowest_logit,
                     std::uint64_t* bits, std::int32_t* not_finite, cudaStream_t stream);

/// sums[i] becomes the sum of component i's foreground probabilities, in parts of kernels::probability_one; `sums` has
/// run_count values. A voxel's may differ from the CPU's by one part, by exp.
void sum_foreground(const MaskLogits<float>& logits, const ComponentBuffers& components, unsigned long long* sums,
                    cudaStream_t stream);
void sum_foreground(const MaskLogits<__half>& logits, const ComponentBuffers& components, unsigned long long* sums,
                    cudaStream_t stream);

/// The grid and which components count.
struct ComponentCubes {
  std::array<std::int64_t, 3> shape{};
  std::array<double, 3> spacing_mm{};
  std::int64_t least_voxels = 1;
  std::int64_t most = most_proposals;  ///< cubes; 1 to most_proposals, or Error(internal)
};

/// What the caller reads back before it goes on.
struct CubeCounts {
  std::int32_t found = 0;  ///< components that are large enough
  std::int32_t kept = 0;   ///< of these, the best: cubes written
};

/// cubes[0, counts->kept) become the smallest cubes around the components, those of highest mean probability, best
/// first and equal ones in their order. `keys` is workspace of run_count values.
void select_cubes(const ComponentBuffers& components, const unsigned long long* sums, const ComponentCubes& how,
                  ProposedCube* cubes, CubeCounts* counts, unsigned long long* keys, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
