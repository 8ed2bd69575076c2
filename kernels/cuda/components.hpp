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

/// The components of a volume in device memory, as kernels::Components: what find_components fills. All of it belongs
/// to the caller. A volume of noise has up to (width + 1) / 2 runs a row; that of a chest few.
struct ComponentBuffers {
  std::int64_t most_runs = 0;            ///< below 2^31
  Run* runs = nullptr;                   ///< most_runs
  std::int32_t* parents = nullptr;       ///< most_runs: workspace
  ComponentFigures* list = nullptr;      ///< most_runs
  std::int32_t* first_of_row = nullptr;  ///< rows + 1; the last one is how many runs there are
  std::int32_t* roots_of_row = nullptr;  ///< rows + 1; the last one is how many components there are
};

/// Where first_of_row's last value exceeds most_runs nothing else has been written, and no function below does
/// anything: give it that many.
void find_components(const std::uint64_t* bits, const std::array<std::int64_t, 3>& shape, Connectivity connectivity,
                     const ComponentBuffers& components, cudaStream_t stream);

/// counts[i] becomes how many of component i's voxels are ones in another volume; `counts` has most_runs values.
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
