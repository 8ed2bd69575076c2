#include "kernels/mask_sampling.hpp"

#include "runtime/parallel.hpp"

namespace pleura::kernels {

std::vector<std::uint8_t> sample_mask(const std::vector<std::uint8_t>& mask, const Index3& shape,
                                      const std::array<ResampleAxis, 3>& axes, int threads) {
  std::array<std::vector<std::int64_t>, 3> nearest;
  for (int axis = 0; axis < 3; ++axis)
    for (std::int64_t k = 0; k < axes[axis].count; ++k)
      nearest[axis].push_back(nearest_sample(axes[axis], k, shape[axis]));
  const std::int64_t height = axes[1].count, width = axes[2].count;
  std::vector<std::uint8_t> sampled(axes[0].count * height * width);
  parallel_for(axes[0].count, threads, [&](std::int64_t z) {
    for (std::int64_t y = 0; y < height; ++y)
      for (std::int64_t x = 0; x < width; ++x) {
        const std::int64_t from_z = nearest[0][z], from_y = nearest[1][y], from_x = nearest[2][x];
        if (from_z >= 0 && from_y >= 0 && from_x >= 0)
          sampled[(z * height + y) * width + x] = mask[(from_z * shape[1] + from_y) * shape[2] + from_x];
      }
  });
  return sampled;
}

}  // namespace pleura::kernels
