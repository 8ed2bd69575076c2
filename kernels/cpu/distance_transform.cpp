#include "kernels/distance_transform.hpp"

#include <algorithm>

#include "runtime/huge_pages.hpp"
#include "runtime/parallel.hpp"

namespace pleura::kernels {
namespace {

/// Lower envelope of parabolas along one line (Felzenszwalb and Huttenlocher), in whole numbers.
class Envelope {
 public:
  explicit Envelope(std::int64_t size) : values_(size), vertices_(size), starts_(size) {}

  /// line[i * stride] becomes the least line[j * stride] + ((i - j) * spacing)^2.
  void run(std::int64_t* line, std::int64_t stride, std::int64_t spacing) {
    const auto size = static_cast<std::int64_t>(values_.size());
    std::int64_t last = -1;
    for (std::int64_t i = 0; i < size; ++i) {
      values_[i] = line[i * stride];
      if (values_[i] == no_distance) continue;
      std::int64_t start = 0;
      // The new parabola undercuts the last one from `start` on; where that is no later than the last one's own start,
      // the last goes.
      while (last >= 0 && (start = first_below(i, vertices_[last], spacing * spacing)) <= starts_[last]) --last;
      if (last < 0) start = 0;
      if (start >= size) continue;
      vertices_[++last] = i;
      starts_[last] = start;
    }
    if (last < 0) return;
    for (std::int64_t i = 0, k = 0; i < size; ++i) {
      while (k < last && starts_[k + 1] <= i) ++k;
      const std::int64_t away = (i - vertices_[k]) * spacing;
      line[i * stride] = values_[vertices_[k]] + away * away;
    }
  }

 private:
  /// The first position >= 0 where the parabola of `later` is no higher than that of `earlier`.
  [[nodiscard]] std::int64_t first_below(std::int64_t later, std::int64_t earlier, std::int64_t square) const {
    const std::int64_t over = values_[later] - values_[earlier] + square * (later * later - earlier * earlier);
    const std::int64_t under = 2 * square * (later - earlier);
    return over <= 0 ? 0 : (over + under - 1) / under;
  }

  std::vector<std::int64_t> values_, vertices_, starts_;
};

}  // namespace

std::vector<std::int64_t> squared_distances(const std::vector<std::uint8_t>& mask, const Index3& shape,
                                            const std::array<std::int64_t, 3>& spacing, int threads) {
  const auto [depth, height, width] = shape;
  auto distances = runtime::room_in_huge_pages<std::int64_t>(mask.size());
  distances.resize(mask.size());
  parallel_for(depth, threads, [&, rows = height, columns = width](std::int64_t z) {
    const std::int64_t slice = rows * columns;
    for (std::int64_t i = z * slice; i < (z + 1) * slice; ++i) distances[i] = mask[i] != 0 ? 0 : no_distance;
    Envelope row(columns), column(rows);
    for (std::int64_t y = 0; y < rows; ++y) row.run(distances.data() + z * slice + y * columns, 1, spacing[2]);
    for (std::int64_t x = 0; x < columns; ++x) column.run(distances.data() + z * slice + x, columns, spacing[1]);
  });
  parallel_for(height, threads, [&, slices = depth, rows = height, columns = width](std::int64_t y) {
    Envelope line(slices);
    for (std::int64_t x = 0; x < columns; ++x) line.run(distances.data() + y * columns + x, rows * columns, spacing[0]);
  });
  return distances;
}

}  // namespace pleura::kernels
