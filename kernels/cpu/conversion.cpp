#include "kernels/conversion.hpp"

#include <cstddef>
#include <cstring>

#include "runtime/float16.hpp"
#include "runtime/parallel.hpp"

namespace pleura::kernels::cpu {

void convert(const void* input, void* output, const Conversion& operation, const runtime::Stream& stream) {
  const runtime::TensorDesc &in = operation.input, &out = operation.output;
  const runtime::Shape& shape = in.shape;
  const bool copied = in.dtype == out.dtype && in.pitch == shape.c && out.pitch == shape.c;
  const std::int64_t row_bytes = shape.w * shape.c * size_of(in.dtype);
  parallel_for(shape.n * shape.d * shape.h, stream.threads, [&](std::int64_t row) {
    if (copied) {
      std::memcpy(static_cast<std::byte*>(output) + row * row_bytes,
                  static_cast<const std::byte*>(input) + row * row_bytes, static_cast<std::size_t>(row_bytes));
      return;
    }
    for (std::int64_t voxel = row * shape.w; voxel < (row + 1) * shape.w; ++voxel)
      for (std::int64_t c = 0; c < shape.c; ++c)
        runtime::store_element(out.dtype, output, voxel * out.pitch + c,
                               runtime::load_element(in.dtype, input, voxel * in.pitch + c));
  });
}

}  // namespace pleura::kernels::cpu
