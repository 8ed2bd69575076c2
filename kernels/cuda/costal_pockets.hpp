#pragma once
/// The pockets between the cuts through a lung and their hulls at the ribs, as in screening::complete_lungs.
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

#include "kernels/cuda/component_choice.hpp"

namespace pleura::kernels::cuda {

struct CostalPockets {
  std::int64_t spacing_y_um = 1, spacing_x_um = 1;
  bool is_left = false;           ///< the lung
  std::int64_t middle_y2 = 0;     ///< twice the middle row of all of it
  std::int64_t most_voxels = 0;   ///< of a pocket; nor may it have more than half of its cut
  std::int64_t most_edge_um = 0;  ///< of the hull
};

/// The cuts of a lung that get a hull, and room for their work: the cuts lie side by side as slices of a volume
/// (count, height, width). All of it in device memory.
struct LungCuts {
  const LargeComponent* list = nullptr;               ///< of list_large
  std::int64_t count = 0;                             ///< above 0
  std::uint64_t *cuts = nullptr, *pockets = nullptr;  ///< words of that volume each
  std::int32_t* hulls = nullptr;                      ///< fill_hulls_workspace_bytes of that volume
  ComponentBuffers parts;                             ///< the pockets' components
  unsigned long long* costal = nullptr;               ///< parts.most_runs
  std::uint8_t* wanted = nullptr;                     ///< parts.most_runs
};

/// Adds to `lung`, whose slices' components are `components`, the pockets of its cuts. Adds none where parts are too
/// small for the pockets' runs: as find_components says.
void add_costal_pockets(std::uint64_t* lung, const std::array<std::int64_t, 3>& shape,
                        const ComponentBuffers& components, const LungCuts& cuts, const CostalPockets& how,
                        cudaStream_t stream);

}  // namespace pleura::kernels::cuda
