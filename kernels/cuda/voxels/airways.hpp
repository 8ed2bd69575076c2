#pragma once
/// kernels/airways.hpp on the device.
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>

#include "kernels/airways.hpp"
#include "kernels/cuda/voxels/components.hpp"

namespace pleura::kernels::cuda {

/// Components that are each of one slice (Connectivity::in_slice), and what is written of them: values as many as
/// components.run_count.
struct AirwayParts {
  ComponentBuffers components;
  std::uint8_t* is_airway = nullptr;
  unsigned long long* parents = nullptr;  ///< workspace
  unsigned* marks = nullptr;              ///< workspace
};

/// The topmost cut of the trachea; {-1, -1} where there is none.
struct AirwayStart {
  std::int32_t slice = -1, component = -1;
};

/// *start becomes the top of the trachea; gas[i] is how many voxels of the air's component i are gas, of count_in.
void find_trachea(const AirwayParts& air, const unsigned long long* gas, const ComponentBuffers& pieces,
                  const std::array<std::int64_t, 3>& shape, const AirwayLimits& limits, AirwayStart* start,
                  cudaStream_t stream);

/// air.is_airway and gas.is_airway become 1 for the components that go on from *start downwards, else 0. `gas` are
/// those of the clean gas.
void follow_airways(const AirwayParts& air, const AirwayParts& gas, const std::array<std::int64_t, 3>& shape,
                    const AirwayLimits& limits, const AirwayStart* start, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
