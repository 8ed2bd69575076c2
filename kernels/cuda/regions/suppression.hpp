#pragma once
/// Greedy non-maximum suppression of cubes on the device, as kernels/proposals.hpp says.
#include <cuda_runtime_api.h>

#include "kernels/proposals.hpp"

namespace pleura::kernels::cuda {

[[nodiscard]] std::int64_t suppress_workspace_bytes(std::int64_t room);

/// Of cubes[0, counts->kept), sorted best first, kept[0, kept_counts->kept) become those whose IoU with every kept one
/// before stays below nms_iou; what is not finite is handed on. Cubes and kept have room for `room` (> 0) of them.
/// `workspace` has suppress_workspace_bytes and is aligned to 8 bytes.
void suppress_overlaps(const Cube* cubes, const CubeCounts* counts, std::int64_t room, double nms_iou, Cube* kept,
                       CubeCounts* kept_counts, unsigned long long* workspace, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
