#pragma once
/// The best proposals of a region-proposal head, as screening::decode_proposals and keep_best, and those of them that
/// lie in the lungs, as screening::keep_inside_lungs.
#include <cuda_fp16.h>
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

#include "kernels/cuda/regions/suppression.hpp"
#include "kernels/proposals.hpp"

namespace pleura::kernels::cuda {

/// A head's logits in device memory, (d, h, w, anchors * values): of each anchor the objectness, t_z, t_y, t_x, t_d and
/// what is not looked at.
struct ProposalHead {
  std::array<std::int64_t, 3> cells{};  ///< (d, h, w)
  std::int64_t pitch = 0;               ///< elements from one cell to the next
  std::int64_t anchors = 0, values = 5;
  double stride = 4;                   ///< voxels of the grid to one cell
  std::array<double, 3> spacing_mm{};  ///< of the grid (z, y, x)
  const double* anchors_mm = nullptr;  ///< in device memory
  double lowest_logit = 0;             ///< a proposal has no less
  double largest_log_scale = 0;        ///< |t_d| is clamped to this
  [[nodiscard]] std::int64_t size() const { return cells[0] * cells[1] * cells[2] * anchors; }
};

/// What the caller reads back before it goes on.
struct ProposalCounts {
  std::int32_t found = 0;       ///< proposals at or above the lowest logit
  std::int32_t kept = 0;        ///< of these, the best: cubes written
  std::int32_t not_finite = 0;  ///< proposals with a value that is not finite: the cubes mean nothing
};

[[nodiscard]] std::int64_t decode_proposals_workspace_bytes(const ProposalHead& head);

/// cubes[0, counts->kept) become the proposals of highest logit, at most `most`, best first; equal logits in the order
/// of their cells and anchors. Centres and logits are the CPU's to the last bit; sides as far as exp is. `workspace` is
/// aligned to 8 bytes. Throws Error(internal) where `most` is not 1 to most_proposals or the head has 2^31 proposals.
void decode_proposals(const float* logits, const ProposalHead& head, std::int64_t most, ProposedCube* cubes,
                      ProposalCounts* counts, void* workspace, cudaStream_t stream);
void decode_proposals(const __half* logits, const ProposalHead& head, std::int64_t most, ProposedCube* cubes,
                      ProposalCounts* counts, void* workspace, cudaStream_t stream);

/// The grid that the cubes lie on, and its lungs.
struct LungVoxels {
  std::array<std::int64_t, 3> shape{};  ///< voxels (z, y, x)
  std::array<double, 3> spacing_mm{};
  const std::uint8_t* lungs = nullptr;  ///< one value a voxel, in device memory; not 0: lung
};

struct InsideCounts {
  std::int32_t kept = 0;     ///< cubes written
  std::int32_t dropped = 0;  ///< also in the lungs, but beyond the most
};

/// inside[0, counts->kept) become the first `most` (>= 0) of cubes[numbers[0, *count)] whose centre's voxel is lung, in
/// their order.
void keep_inside_lungs(const ProposedCube* cubes, const std::int32_t* numbers, const std::int32_t* count,
                       const LungVoxels& grid, std::int32_t most, ProposedCube* inside, InsideCounts* counts,
                       cudaStream_t stream);

}  // namespace pleura::kernels::cuda
