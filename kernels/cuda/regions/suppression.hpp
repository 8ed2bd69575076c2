#pragma once
/// Greedy non-maximum suppression of cubes on the device, as screening::suppress_overlaps.
#include <cuda_runtime_api.h>

#include <cstdint>

namespace pleura::kernels::cuda {

/// A proposed cube in device memory: screening::Cube.
struct ProposedCube {
  double centre[3] = {};  ///< mm (z, y, x)
  double side = 0;        ///< mm
  double logit = 0;
};

[[nodiscard]] std::int64_t suppress_workspace_bytes(std::int64_t count);

/// Of `count` cubes (> 0) sorted best first, *kept_count are kept: those whose IoU with every kept one before stays
/// below nms_iou. kept[i] is the i-th kept cube's number; `kept` has room for `count`. `workspace` has
/// suppress_workspace_bytes and is aligned to 8 bytes.
void suppress_overlaps(const ProposedCube* cubes, std::int64_t count, double nms_iou, std::int32_t* kept,
                       std::int32_t* kept_count, unsigned long long* workspace, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
