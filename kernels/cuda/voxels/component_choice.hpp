#pragma once
/// Which components go on, decided on the device from their figures: what draw then takes. `wanted` has run_count
/// values, of which those of the components are written.
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

#include "kernels/cuda/voxels/components.hpp"

namespace pleura::kernels::cuda {

/// Those of a slice that touch its edge.
void choose_at_edge(const ComponentBuffers& components, const std::array<std::int64_t, 3>& shape, std::uint8_t* wanted,
                    cudaStream_t stream);

/// The one of most voxels, the first among equals.
void choose_largest(const ComponentBuffers& components, const std::array<std::int64_t, 3>& shape, std::uint8_t* wanted,
                    cudaStream_t stream);

/// How many voxels of each component are in the body's hull, of pockets, next to the padding: of count_in.
struct AirCounts {
  const unsigned long long *in_hull = nullptr, *in_pockets = nullptr, *by_padding = nullptr;
};

/// Of the air of the slices what is_inside_body (kernels/rules.hpp).
void choose_inside_body(const ComponentBuffers& components, const std::array<std::int64_t, 3>& shape,
                        const AirCounts& counts, std::uint8_t* wanted, cudaStream_t stream);

/// Which pieces of air a lung adopts.
struct PieceChoice {
  const unsigned long long *own = nullptr, *in_hulls = nullptr, *gas = nullptr;  ///< of count_in
  std::int64_t least_voxels = 1;
};

/// Those that have no voxel of the lung's own and is_cut_off (kernels/rules.hpp) from it.
void choose_pieces(const ComponentBuffers& components, const std::array<std::int64_t, 3>& shape,
                   const PieceChoice& choice, std::uint8_t* wanted, cudaStream_t stream);

/// A component as the caller reads it back.
struct LargeComponent {
  std::int32_t number = 0;
  ComponentFigures figures;
};

/// list[0, *count) become the components of at least `least` voxels and at least 1 / share of the largest (share 0: of
/// any), in the order of their numbers; where there are more than `room`, only the first are written.
void list_large(const ComponentBuffers& components, const std::array<std::int64_t, 3>& shape, std::int64_t least,
                std::int64_t share, LargeComponent* list, std::int32_t room, std::int32_t* count, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
