#pragma once
/// A network's head in the host's memory.
#include <vector>

#include "pleura/volume.hpp"
#include "runtime/tensor.hpp"

namespace pleura::test {

struct HostHead {
  runtime::TensorDesc desc;
  std::vector<float> values;

  HostHead(const Index3& cells, std::int64_t channels, float value)
      : desc(runtime::dense(runtime::DType::f32, {1, cells[0], cells[1], cells[2], channels})),
        values(static_cast<std::size_t>(desc.shape.elements()), value) {}

  /// For what only reads.
  [[nodiscard]] runtime::TensorView view() const { return {desc, const_cast<float*>(values.data())}; }
};

}  // namespace pleura::test
