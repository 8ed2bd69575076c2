#pragma once
/// Connected components in device memory.
#include <vector>

#include "device_array.hpp"
#include "instruments.hpp"
#include "kernels/cuda/voxels/components.hpp"

namespace pleura::test {

using DeviceBits = DeviceArray<std::uint64_t>;

/// Room enough for any volume of a shape.
inline std::size_t most_runs(const Index3& shape) {
  return static_cast<std::size_t>(voxels(shape) / 2 + shape[0] * shape[1]);
}

/// Room for the components of a volume.
struct DeviceComponents {
  DeviceArray<kernels::Run> runs;
  DeviceArray<std::int32_t> parents;
  DeviceArray<kernels::cuda::ComponentFigures> list;
  DeviceArray<std::int32_t> first_of_row, roots_of_row;
  std::int64_t run_count;

  DeviceComponents(const Index3& shape, std::size_t room)
      : runs(room),
        parents(room),
        list(room),
        first_of_row(static_cast<std::size_t>(shape[0] * shape[1]) + 1),
        roots_of_row(static_cast<std::size_t>(shape[0] * shape[1]) + 1),
        run_count(static_cast<std::int64_t>(room)) {}

  [[nodiscard]] kernels::cuda::ComponentBuffers buffers() const {
    return {run_count, runs.data(), parents.data(), list.data(), first_of_row.data(), roots_of_row.data()};
  }
};

}  // namespace pleura::test
