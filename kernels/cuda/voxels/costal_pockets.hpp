#pragma once
/// kernels/costal_pockets.hpp on the device.
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

#include "kernels/costal_pockets.hpp"
#include "kernels/cuda/voxels/component_choice.hpp"

namespace pleura::kernels::cuda {

/// The cuts of a lung that get a hull, and what lies between them and it: side by side as slices of a volume (count,
/// height, width). All of it in device memory.
struct LungCuts {
  const LargeComponent* list = nullptr;  ///< of list_large
  std::int64_t count = 0, height = 0, width = 0;
  std::uint64_t *cuts = nullptr, *pockets = nullptr;  ///< words of that volume each
  std::int32_t* hulls = nullptr;                      ///< fill_hulls_workspace_bytes of that volume

  [[nodiscard]] std::array<std::int64_t, 3> side_by_side() const { return {count, height, width}; }
};

/// Fills cuts, pockets and hulls; `components` are those of the lung's slices.
void draw_cuts(const ComponentBuffers& components, const LungCuts& cuts, cudaStream_t stream);

/// Adds to `lung` the pockets that are costal; `parts` are the pockets' components (Connectivity::in_slice), `costal`
/// and `wanted` workspace of parts.run_count values. What pockets holds then are those that were added.
void add_costal_pockets(std::uint64_t* lung, const LungCuts& cuts, const ComponentBuffers& parts,
                        const CostalPockets& how, unsigned long long* costal, std::uint8_t* wanted,
                        cudaStream_t stream);

}  // namespace pleura::kernels::cuda
