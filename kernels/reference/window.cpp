#include "kernels/window.hpp"

#include "runtime/float16.hpp"

namespace pleura::kernels::reference {

void window_volume(const std::vector<std::int16_t>& hu, const Window& window, const runtime::TensorView& out) {
  for (std::int64_t voxel = 0; voxel < out.desc.shape.voxels(); ++voxel)
    runtime::store_element(out.desc.dtype, out.data, voxel * out.desc.pitch, apply_window(hu[voxel], window));
}

void window_images(const std::vector<std::int16_t>& patches, std::int64_t images, std::int64_t first,
                   const ImageChannels& how, const runtime::TensorView& out) {
  const runtime::Shape& shape = out.desc.shape;
  for (std::int64_t i = 0; i < shape.n; ++i)
    for (std::int64_t y = 0; y < shape.h; ++y)
      for (std::int64_t x = 0; x < shape.w; ++x)
        for (std::int64_t c = 0; c < ImageChannels::count; ++c) {
          float value = 0;
          if (const std::int64_t image = first + i; image < images) {
            const std::int64_t region = image / patch_images, middle = image % patch_images + 1;
            const std::int64_t slice = region * patch_slices + (how.neighbours ? middle - 1 + c : middle);
            value = apply_window(patches[(slice * shape.h + y) * shape.w + x], how.windows[how.neighbours ? 0 : c]);
          }
          runtime::store_element(out.desc.dtype, out.data, ((i * shape.h + y) * shape.w + x) * out.desc.pitch + c,
                                 value);
        }
}

}  // namespace pleura::kernels::reference
