#pragma once
/// kernels/components.hpp on the device: the same runs, numbers and figures, whatever the order of blocks.
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

#include "kernels/components.hpp"

namespace pleura::kernels::cuda {

/// kernels::Component as kernels add it up.
struct ComponentFigures {
  unsigned long long voxels = 0;
  unsigned long long index_sum[3] = {};  ///< (z, y, x)
  int low[3] = {}, high[3] = {};
};

[[nodiscard]] Component to_component(const ComponentFigures& figures);

/// The components of a volume in device memory, as kernels::Components. All of it belongs to the caller.
struct ComponentBuffers {
  std::int64_t run_count = 0;            ///< below 2^31
  Run* runs = nullptr;                   ///< run_count
  std::int32_t* parents = nullptr;       ///< run_count: workspace
  ComponentFigures* list = nullptr;      ///< run_count
  std::int32_t* first_of_row = nullptr;  ///< rows + 1; the last one is how many runs there are
  std::int32_t* roots_of_row = nullptr;  ///< rows + 1; the last one is how many components there are
};

/// Fills first_of_row, whose last value, how many runs there are, the caller is to read and give room for.
void count_runs(const std::uint64_t* bits, const std::array<std::int64_t, 3>& shape, std::int32_t* first_of_row,
                cudaStream_t stream);

/// Fills all else.
void find_components(const std::uint64_t* bits, const std::array<std::int64_t, 3>& shape, Connectivity connectivity,
                     const ComponentBuffers& components, cudaStream_t stream);

/// counts[i] becomes how many of component i's voxels are ones in another volume; `counts` has run_count values.
void count_in(const ComponentBuffers& components, const std::array<std::int64_t, 3>& shape, const std::uint64_t* other,
              unsigned long long* counts, cudaStream_t stream);

/// `bits` becomes the voxels of the components that are wanted (one value each, not 0).
void draw(const ComponentBuffers& components, const std::array<std::int64_t, 3>& shape, const std::uint8_t* wanted,
          std::uint64_t* bits, cudaStream_t stream);

/// Sets in `bits` the holes of at most `max_voxels`, `components` being those of the zeros: kernels/fill_holes.hpp
/// after invert and find_components.
void fill_holes(const ComponentBuffers& components, const std::array<std::int64_t, 3>& shape, Connectivity connectivity,
                std::int64_t max_voxels, std::uint64_t* bits, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
