#pragma once
/// The corners of slices' hulls as fill_hulls leaves them in its workspace.
#include <cuda_runtime.h>

#include <cstdint>

namespace pleura::kernels::cuda {

/// For both sides (low x, then high x) of each slice: the x of each row's outermost one, -1 where it has none; the rows
/// of the chain's corners, rising; how many these are.
struct Chains {
  std::int32_t *outermost, *corners, *counts;
  std::int64_t height;

  Chains(std::int32_t* workspace, std::int64_t slices, std::int64_t rows)
      : outermost(workspace),
        corners(workspace + 2 * slices * rows),
        counts(workspace + 4 * slices * rows),
        height(rows) {}
  [[nodiscard]] __device__ const std::int32_t* x(std::int64_t chain) const { return outermost + chain * height; }
};

}  // namespace pleura::kernels::cuda
