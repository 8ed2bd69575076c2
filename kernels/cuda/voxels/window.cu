#include "kernels/cuda/element.cuh"
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/voxels/voxel_grid.cuh"
#include "kernels/cuda/voxels/window.hpp"
#include "pleura/error.hpp"

namespace pleura::kernels::cuda {
namespace {

template <class Element>
__global__ void window_kernel(const std::int16_t* hu, Element* out, std::int64_t voxels, std::int64_t pitch, double low,
                              double high) {
  const std::int64_t voxel = global_thread();
  if (voxel < voxels) out[voxel * pitch] = from_float<Element>(apply_window(hu[voxel], low, high));
}

/// Tensor and windows as kernels take them.
struct ImageArguments {
  std::int64_t count, area, pitch, images, first;
  double low[ImageChannels::count], high[ImageChannels::count];
  bool neighbours;
};

template <class Element>
__global__ void window_images_kernel(const std::int16_t* patches, Element* out, const ImageArguments a) {
  constexpr int channels = ImageChannels::count;
  const std::int64_t index = global_thread(), pixel = index / channels;
  if (pixel >= a.count * a.area) return;
  const auto c = static_cast<int>(index % channels);
  const std::int64_t image = a.first + pixel / a.area, slice = image % patch_images + 1;
  const std::int64_t of = image / patch_images * patch_slices + (a.neighbours ? slice + c - 1 : slice);
  const int window = a.neighbours ? 0 : c;
  const bool is_there = image < a.images;
  out[pixel * a.pitch + c] = from_float<Element>(
      is_there ? apply_window(patches[of * a.area + pixel % a.area], a.low[window], a.high[window]) : 0.0F);
}

template <class Launch>
void for_type(const runtime::TensorView& out, const Launch& launch) {
  if (out.desc.dtype == runtime::DType::f32) return launch(static_cast<float*>(out.data));
  if (out.desc.dtype == runtime::DType::f16) return launch(static_cast<__half*>(out.data));
  throw Error(Status::internal, std::string("window into ") + name_of(out.desc.dtype) + ", expected f32 or f16");
}

}  // namespace

void window_volume(const std::int16_t* hu, const Window& window, const runtime::TensorView& out, cudaStream_t stream) {
  const std::int64_t voxels = out.desc.shape.voxels();
  for_type(out, [&]<class Element>(Element* to) {
    window_kernel<Element><<<blocks_for(voxels, voxel_threads, "window_kernel"), voxel_threads, 0, stream>>>(
        hu, to, voxels, out.desc.pitch, window[0], window[1]);
    check_launch("window_kernel");
  });
}

void window_images(const std::int16_t* patches, std::int64_t images, std::int64_t first, const ImageChannels& how,
                   const runtime::TensorView& out, cudaStream_t stream) {
  const runtime::Shape& shape = out.desc.shape;
  ImageArguments arguments{shape.n, shape.h * shape.w, out.desc.pitch, images, first, {}, {}, how.neighbours};
  for (std::size_t c = 0; c < how.windows.size(); ++c) {
    arguments.low[c] = how.windows[c][0];
    arguments.high[c] = how.windows[c][1];
  }
  const unsigned blocks = blocks_for(shape.elements(), voxel_threads, "window_images_kernel");
  for_type(out, [&]<class Element>(Element* to) {
    window_images_kernel<Element><<<blocks, voxel_threads, 0, stream>>>(patches, to, arguments);
    check_launch("window_images_kernel");
  });
}

}  // namespace pleura::kernels::cuda
