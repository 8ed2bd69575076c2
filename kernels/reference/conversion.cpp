#include "kernels/conversion.hpp"

#include "runtime/float16.hpp"

namespace pleura::kernels::reference {

void convert(const void* input, void* output, const Conversion& operation) {
  const auto& [in, out] = operation;
  for (std::int64_t voxel = 0; voxel < in.shape.voxels(); ++voxel)
    for (std::int64_t c = 0; c < in.shape.c; ++c)
      runtime::store_element(out.dtype, output, voxel * out.pitch + c,
                             runtime::load_element(in.dtype, input, voxel * in.pitch + c));
}

}  // namespace pleura::kernels::reference
