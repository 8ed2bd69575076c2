#include "kernels/softmax.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "runtime/float16.hpp"

namespace pleura::kernels::reference {

void softmax(const void* input, float* output, const Softmax& operation) {
  const auto& [in, out] = operation;
  std::vector<double> values(static_cast<std::size_t>(in.shape.c));
  for (std::int64_t voxel = 0; voxel < in.shape.voxels(); ++voxel) {
    for (std::int64_t c = 0; c < in.shape.c; ++c)
      values[c] = runtime::load_element(in.dtype, input, voxel * in.pitch + c);
    const double largest = *std::ranges::max_element(values);
    double sum = 0;
    for (double& value : values) sum += value = std::exp(value - largest);
    for (std::int64_t c = 0; c < in.shape.c; ++c) output[voxel * out.pitch + c] = static_cast<float>(values[c] / sum);
  }
}

}  // namespace pleura::kernels::reference
