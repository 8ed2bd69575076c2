#pragma once
/// Copies a box of input voxels with zeros around it, in the type that tiles read.
#include "kernels/cpu/direct_layout.hpp"

namespace pleura::kernels::cpu {

/// The input of one unit of work and one part of its channels.
struct StagedBox {
  std::int64_t n = 0;
  Extent3 low{};   ///< first input voxel; along w it may lie before the row
  Extent3 size{};  ///< planes and rows inside the input, columns as the layout's
  std::int64_t channel = 0, channels = 0;
};

/// to: [plane][row][column][layout.part_channels], rows layout.row_bytes apart.
void stage(const DirectProblem& problem, const DirectLayout& layout, const StagedBox& box, const void* input, char* to);

}  // namespace pleura::kernels::cpu
