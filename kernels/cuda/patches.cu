// A thread makes a pixel of an image. Along y first, as on the CPU, so that sums are the same; the few columns that a
// pixel needs are summed anew for each, which costs less than to keep them.
#include <cmath>
#include <string>

#include "kernels/cuda/axis_taps.cuh"
#include "kernels/cuda/element.cuh"
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/patches.hpp"
#include "kernels/cuda/voxel_grid.cuh"
#include "kernels/cuda/window.cuh"
#include "pleura/error.hpp"

namespace pleura::kernels::cuda {
namespace {

struct PatchArguments {
  std::int64_t height, width, images, pixels, pitch;
  const std::int32_t* slices;
  AxisTaps along_y, along_x;
  bool neighbours;
  double low[patch_channels], high[patch_channels];  ///< of each channel's window
  std::int16_t outside;
};

template <class Element>
__global__ void gather_patches_kernel(const std::int16_t* hu, Element* out, const PatchArguments p) {
  const std::int64_t index = global_thread();
  if (index >= p.images * p.pixels * p.pixels) return;
  const std::int64_t image = index / (p.pixels * p.pixels), region = image / patch_images;
  const std::int64_t y = region * p.pixels + index / p.pixels % p.pixels, x = region * p.pixels + index % p.pixels;
  const bool inside = p.along_y.taps[y] > 0 && p.along_x.taps[x] > 0;
  const std::int64_t first = p.along_y.begin[y] * p.width + p.along_x.begin[x];
  const auto sample = [&](std::int64_t slice) {
    if (!inside) return p.outside;
    const std::int16_t* in = hu + p.slices[region * patch_slices + slice] * p.height * p.width + first;
    return static_cast<std::int16_t>(lroundf(weigh(p.along_x, x, [&](std::int32_t column) {
      return weigh(p.along_y, y, [&](std::int32_t row) { return static_cast<float>(in[row * p.width + column]); });
    })));
  };
  const std::int64_t first_slice = image % patch_images;  // the slice before the image's own
  std::int16_t value = p.neighbours ? 0 : sample(first_slice + 1);
#pragma unroll
  for (int c = 0; c < patch_channels; ++c) {
    if (p.neighbours) value = sample(first_slice + c);
    out[index * p.pitch + c] = from_float<Element>(apply_window(value, p.low[c], p.high[c]));
  }
}

template <class Element>
void launch(const std::int16_t* hu, Element* out, std::int64_t pitch, const Index3& shape, const PatchTable& table,
            const PatchChannels& channels, std::int16_t outside, cudaStream_t stream) {
  PatchArguments arguments{shape[1],
                           shape[2],
                           table.images(),
                           table.pixels(),
                           pitch,
                           table.slices(),
                           table.along_y(),
                           table.along_x(),
                           channels.neighbours,
                           {},
                           {},
                           outside};
  for (std::size_t c = 0; c < patch_channels; ++c) {
    const auto& window = channels.windows[channels.neighbours ? 0 : c];
    arguments.low[c] = window[0];
    arguments.high[c] = window[1];
  }
  const std::int64_t pixels = table.images() * table.pixels() * table.pixels();
  gather_patches_kernel<Element>
      <<<blocks_for(pixels, voxel_threads, "gather_patches_kernel"), voxel_threads, 0, stream>>>(hu, out, arguments);
  check_launch("gather_patches_kernel");
}

}  // namespace

PatchTable::PatchTable(const std::vector<PatchRegion>& regions, const Index3& shape)
    : images_(patch_images * static_cast<std::int64_t>(regions.size())) {
  std::vector<ResampleTaps> rows, columns;
  std::vector<std::int32_t> slices;
  const auto append = [&](std::vector<ResampleTaps>& all, const ResampleAxis& axis, std::int64_t size) {
    if (pixels_ == 0) pixels_ = axis.count;
    if (axis.count != pixels_)
      throw Error(Status::internal,
                  "patches: " + std::to_string(axis.count) + " pixels, expected " + std::to_string(pixels_));
    const std::vector<ResampleTaps> taps = make_taps(axis, size);
    all.insert(all.end(), taps.begin(), taps.end());
  };
  for (const PatchRegion& region : regions) {
    append(rows, region.along_y, shape[1]);
    append(columns, region.along_x, shape[2]);
    for (const std::int64_t slice : region.slices) {
      if (slice < 0 || slice >= shape[0])
        throw Error(Status::internal,
                    "patches: slice " + std::to_string(slice) + ", expected one of " + std::to_string(shape[0]));
      slices.push_back(static_cast<std::int32_t>(slice));
    }
  }
  along_y_ = AxisTable(rows, shape[1]);
  along_x_ = AxisTable(columns, shape[2]);
  slices_ = runtime::cuda::DeviceMemory(static_cast<std::int64_t>(slices.size()) * 4);
  runtime::cuda::upload(slices_.data(), slices.data(), slices_.bytes());
}

void gather_patches(const std::int16_t* hu, float* out, std::int64_t pitch, const Index3& shape,
                    const PatchTable& table, const PatchChannels& channels, std::int16_t outside, cudaStream_t stream) {
  launch(hu, out, pitch, shape, table, channels, outside, stream);
}

void gather_patches(const std::int16_t* hu, __half* out, std::int64_t pitch, const Index3& shape,
                    const PatchTable& table, const PatchChannels& channels, std::int16_t outside, cudaStream_t stream) {
  launch(hu, out, pitch, shape, table, channels, outside, stream);
}

}  // namespace pleura::kernels::cuda
