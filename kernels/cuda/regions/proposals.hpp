#pragma once
/// The best proposals of a region-proposal head, and those of them that lie in the lungs, as kernels/proposals.hpp
/// says.
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

#include "kernels/proposals.hpp"

namespace pleura::kernels::cuda {

/// ProposalDecoding of a head of these cells, its anchors in device memory.
struct ProposalHead {
  std::array<std::int64_t, 3> cells{};  ///< (d, h, w)
  std::int64_t pitch = 0;               ///< elements from one cell to the next
  std::int64_t anchors = 0, values = 5;
  std::int64_t stride = 4;
  std::array<double, 3> spacing_mm{};
  const double* anchors_mm = nullptr;
  double lowest_logit = 0;
  double largest_log_scale = 0;
  [[nodiscard]] std::int64_t size() const { return cells[0] * cells[1] * cells[2] * anchors; }
};

[[nodiscard]] std::int64_t decode_proposals_workspace_bytes(const ProposalHead& head);

/// cubes[0, counts->kept) become the proposals of highest logit, at most `most`, best first; equal logits in the order
/// of their cells and anchors. Centres and logits are the CPU's to the last bit; sides as far as exp is. `workspace` is
/// aligned to 8 bytes. Throws Error(internal) where `most` is not 1 to most_proposals or the head has 2^31 proposals.
void decode_proposals(const float* logits, const ProposalHead& head, std::int64_t most, Cube* cubes, CubeCounts* counts,
                      void* workspace, cudaStream_t stream);

/// The grid that the cubes lie on, and its lungs.
struct LungVoxels {
  std::array<std::int64_t, 3> shape{};  ///< voxels (z, y, x)
  std::array<double, 3> spacing_mm{};
  const std::uint8_t* lungs = nullptr;  ///< one value a voxel, in device memory; not 0: lung
};

/// inside[0, inside_counts->kept) become the first `most` (>= 0) of cubes[0, counts->kept) whose centre's voxel is
/// lung, in their order; what is not finite is handed on.
void keep_inside_lungs(const Cube* cubes, const CubeCounts* counts, const LungVoxels& grid, std::int32_t most,
                       Cube* inside, CubeCounts* inside_counts, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
