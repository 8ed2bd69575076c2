#include "kernels/resample.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/parallel.hpp"

namespace pleura::kernels {

std::vector<std::int16_t> resample(const std::int16_t* hu, const Index3& shape, const Resample& how, int threads) {
  const auto [depth, height, width] = shape;
  const std::int64_t new_depth = how.axes[0].count, new_height = how.axes[1].count, new_width = how.axes[2].count;
  const std::vector<ResampleTaps> along_z = make_taps(how.axes[0], depth), along_y = make_taps(how.axes[1], height),
                                  along_x = make_taps(how.axes[2], width);
  const auto [z_low, z_high] = taps_span(along_z, depth);
  const auto [x_low, x_high] = taps_span(along_x, width);
  const std::int64_t columns = x_high - x_low;

  // Along y first: what is far from the box is never read.
  std::vector<float> tall((z_high - z_low) * new_height * columns);
  parallel_for(z_high - z_low, threads,
               [&, first_z = z_low, first_x = x_low, rows = height, pitch = width](std::int64_t z) {
                 for (std::int64_t y = 0; y < new_height; ++y) {
                   float* out = tall.data() + (z * new_height + y) * columns;
                   const std::int16_t* in = hu + ((z + first_z) * rows + along_y[y].begin) * pitch + first_x;
                   for (const float weight : along_y[y].weights) {
                     for (std::int64_t x = 0; x < columns; ++x) out[x] += weight * static_cast<float>(in[x]);
                     in += pitch;
                   }
                 }
               });
  std::vector<std::int16_t> result(new_depth * new_height * new_width, how.outside);
  parallel_for(new_depth, threads, [&, first_z = z_low, first_x = x_low](std::int64_t z) {
    if (along_z[z].weights.empty()) return;
    std::vector<float> row(columns);
    for (std::int64_t y = 0; y < new_height; ++y) {
      if (along_y[y].weights.empty()) continue;
      std::fill(row.begin(), row.end(), 0.0F);
      for (std::size_t k = 0; k < along_z[z].weights.size(); ++k) {
        const float weight = along_z[z].weights[k];
        const float* in =
            tall.data() + ((along_z[z].begin - first_z + static_cast<std::int64_t>(k)) * new_height + y) * columns;
        for (std::int64_t x = 0; x < columns; ++x) row[x] += weight * in[x];
      }
      std::int16_t* out = result.data() + (z * new_height + y) * new_width;
      for (std::int64_t x = 0; x < new_width; ++x) {
        const ResampleTaps& taps = along_x[x];
        if (taps.weights.empty()) continue;
        float sum = 0;
        const float* in = row.data() + taps.begin - first_x;
        for (std::size_t k = 0; k < taps.weights.size(); ++k) sum += taps.weights[k] * in[k];
        out[x] = static_cast<std::int16_t>(std::lround(sum));
      }
    }
  });
  return result;
}

}  // namespace pleura::kernels
