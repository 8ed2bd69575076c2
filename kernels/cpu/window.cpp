#include "kernels/window.hpp"

#include "runtime/float16.hpp"
#include "runtime/parallel.hpp"

namespace pleura::kernels {

void window_volume(const std::int16_t* hu, const Window& window, const runtime::TensorView& out, int threads) {
  const runtime::Shape& shape = out.desc.shape;
  parallel_for(shape.n * shape.d * shape.h, threads, [&](std::int64_t row) {
    for (std::int64_t voxel = row * shape.w; voxel < (row + 1) * shape.w; ++voxel)
      runtime::store_element(out.desc.dtype, out.data, voxel * out.desc.pitch, apply_window(hu[voxel], window));
  });
}

void window_images(const std::int16_t* patches, std::int64_t images, std::int64_t first, const ImageChannels& how,
                   const runtime::TensorView& out, int threads) {
  const runtime::Shape& shape = out.desc.shape;
  const std::int64_t area = shape.h * shape.w;
  parallel_for(shape.n, threads, [&](std::int64_t i) {
    const std::int64_t image = first + i, region = image / patch_images, slice = image % patch_images + 1;
    for (std::int64_t pixel = 0; pixel < area; ++pixel)
      for (std::int64_t c = 0; c < ImageChannels::count; ++c) {
        const std::int64_t of = region * patch_slices + (how.neighbours ? slice + c - 1 : slice);
        const float value =
            image < images ? apply_window(patches[of * area + pixel], how.windows[how.neighbours ? 0 : c]) : 0;
        runtime::store_element(out.desc.dtype, out.data, (i * area + pixel) * out.desc.pitch + c, value);
      }
  });
}

}  // namespace pleura::kernels
