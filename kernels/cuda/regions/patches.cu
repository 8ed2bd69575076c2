// A thread makes a pixel of a slice. Along y first, as on the CPU, so that sums are the same; the few columns that a
// pixel needs are summed anew for each, which costs less than to keep them.
#include <cmath>
#include <string>

#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/regions/patches.hpp"
#include "kernels/cuda/voxels/axis_taps.cuh"
#include "kernels/cuda/voxels/voxel_grid.cuh"
#include "pleura/error.hpp"

namespace pleura::kernels::cuda {
namespace {

struct PatchArguments {
  std::int64_t height, width, slices, pixels;
  const std::int32_t* slice;
  AxisTaps along_y, along_x;
  std::int16_t outside;
};

__global__ void cut_patches_kernel(const std::int16_t* hu, std::int16_t* out, const PatchArguments p) {
  const std::int64_t index = global_thread();
  if (index >= p.slices * p.pixels * p.pixels) return;
  const std::int64_t slice = index / (p.pixels * p.pixels), region = slice / patch_slices;
  const std::int64_t y = region * p.pixels + index / p.pixels % p.pixels, x = region * p.pixels + index % p.pixels;
  const bool inside = p.along_y.taps[y] > 0 && p.along_x.taps[x] > 0;
  const std::int16_t* in = hu + (p.slice[slice] * p.height + p.along_y.begin[y]) * p.width + p.along_x.begin[x];
  const auto column = [&](std::int32_t k) {
    return weigh(p.along_y, y, [&](std::int32_t row) { return static_cast<float>(in[row * p.width + k]); });
  };
  out[index] = inside ? static_cast<std::int16_t>(lroundf(weigh(p.along_x, x, column))) : p.outside;
}

}  // namespace

PatchTable upload_table(runtime::Device& device, const std::vector<PatchRegion>& regions, const Index3& shape) {
  PatchTable table;
  table.slice_count = patch_slices * static_cast<std::int64_t>(regions.size());
  std::vector<ResampleTaps> rows, columns;
  std::vector<std::int32_t> slices;
  const auto append = [&](std::vector<ResampleTaps>& all, const ResampleAxis& axis, std::int64_t size) {
    if (table.pixels == 0) table.pixels = axis.count;
    if (axis.count != table.pixels)
      throw Error(Status::internal,
                  "patches: " + std::to_string(axis.count) + " pixels, expected " + std::to_string(table.pixels));
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
  table.along_y = upload_taps(device, rows, shape[1]);
  table.along_x = upload_taps(device, columns, shape[2]);
  const std::int64_t bytes = table.slice_count * static_cast<std::int64_t>(sizeof(std::int32_t));
  std::byte* const memory = device.scratch().take(bytes);
  device.upload(memory, slices.data(), bytes);
  table.slices = reinterpret_cast<const std::int32_t*>(memory);
  return table;
}

void cut_patches(const std::int16_t* hu, std::int16_t* out, const Index3& shape, const PatchTable& table,
                 std::int16_t outside, cudaStream_t stream) {
  const PatchArguments arguments{shape[1],     shape[2],      table.slice_count, table.pixels,
                                 table.slices, table.along_y, table.along_x,     outside};
  const std::int64_t pixels = table.slice_count * table.pixels * table.pixels;
  cut_patches_kernel<<<blocks_for(pixels, voxel_threads, "cut_patches_kernel"), voxel_threads, 0, stream>>>(hu, out,
                                                                                                            arguments);
  check_launch("cut_patches_kernel");
}

}  // namespace pleura::kernels::cuda
