#include "kernels/mask_sampling.hpp"

namespace pleura::kernels::reference {

std::vector<std::uint8_t> sample_mask(const std::vector<std::uint8_t>& mask, const Index3& shape,
                                      const std::array<ResampleAxis, 3>& axes) {
  std::vector<std::uint8_t> sampled;
  for (std::int64_t k = 0; k < axes[0].count; ++k)
    for (std::int64_t j = 0; j < axes[1].count; ++j)
      for (std::int64_t i = 0; i < axes[2].count; ++i) {
        const std::int64_t z = nearest_sample(axes[0], k, shape[0]), y = nearest_sample(axes[1], j, shape[1]),
                           x = nearest_sample(axes[2], i, shape[2]);
        sampled.push_back(z < 0 || y < 0 || x < 0 ? std::uint8_t{0} : mask[(z * shape[1] + y) * shape[2] + x]);
      }
  return sampled;
}

}  // namespace pleura::kernels::reference
