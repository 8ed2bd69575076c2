#pragma once
/// Shapes that break loops over words and rows, and connected components in device memory.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "device_array.hpp"
#include "kernels/cuda/components.hpp"
#include "kernels/voxels.hpp"
#include "random.hpp"

namespace pleura::test {

using DeviceBits = DeviceArray<std::uint64_t>;

/// Odd shapes, those of voxel_shapes() and some of a row or two of blocks.
inline std::vector<Index3> shapes(Random& random) {
  std::vector<Index3> shapes = voxel_shapes();
  for (int i = 0; i < 2; ++i) shapes.push_back({random(1, 5), random(1, 24), random(1, 140)});
  return shapes;
}

inline std::string name(const Index3& shape) {
  return std::to_string(shape[0]) + "x" + std::to_string(shape[1]) + "x" + std::to_string(shape[2]);
}

inline std::int64_t voxels(const Index3& shape) { return shape[0] * shape[1] * shape[2]; }

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
  std::int64_t most_runs;

  DeviceComponents(const Index3& shape, std::size_t room)
      : runs(room),
        parents(room),
        list(room),
        first_of_row(static_cast<std::size_t>(shape[0] * shape[1]) + 1),
        roots_of_row(static_cast<std::size_t>(shape[0] * shape[1]) + 1),
        most_runs(static_cast<std::int64_t>(room)) {}

  [[nodiscard]] kernels::cuda::ComponentBuffers buffers() const {
    return {most_runs, runs.data(), parents.data(), list.data(), first_of_row.data(), roots_of_row.data()};
  }

  void expect_equal(const kernels::Components& expected) const {
    ASSERT_EQ(static_cast<std::size_t>(first_of_row.download().back()), expected.runs.size());
    ASSERT_EQ(static_cast<std::size_t>(roots_of_row.download().back()), expected.list.size());
    auto found = runs.download();
    found.resize(expected.runs.size());
    EXPECT_EQ(found, expected.runs);
    std::vector<kernels::Component> figures;
    for (const auto& part : list.download()) figures.push_back(kernels::cuda::to_component(part));
    figures.resize(expected.list.size());
    EXPECT_EQ(figures, expected.list);
  }
};

}  // namespace pleura::test
