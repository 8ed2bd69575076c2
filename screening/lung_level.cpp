#include <algorithm>
#include <bit>
#include <limits>

#include "screening/lung_stages.hpp"

namespace pleura::screening {
namespace {

using kernels::BitVolume;
using kernels::Components;
using kernels::Run;

/// How often each HU of the thresholds' range occurs.
class HuCounts {
 public:
  void add(std::int16_t hu) { ++counts_[std::clamp<int>(hu, lowest, lowest + size - 1) - lowest]; }

  [[nodiscard]] std::int64_t total() const {
    std::int64_t sum = 0;
    for (const std::int64_t count : counts_) sum += count;
    return sum;
  }

  /// The lower one of two; of none, the lowest.
  [[nodiscard]] int median() const {
    const std::int64_t half = (total() + 1) / 2;
    int hu = lowest;
    for (std::int64_t below = 0; hu < lowest + size; ++hu)
      if ((below += counts_[hu - lowest]) >= half) break;
    return hu;
  }

 private:
  static constexpr int lowest = -1024, size = 2048;
  std::array<std::int64_t, size> counts_{};
};

}  // namespace

int highest_air(const Volume& volume, const BitVolume& airways, const BitVolume& gas, const LungGrid& grid) {
  HuCounts counts;
  const std::int64_t width = grid.shape[2];
  for (std::int64_t row = 0; row < grid.shape[0] * grid.shape[1]; ++row)
    for (std::int64_t word = 0; word < airways.row_words; ++word) {
      const std::int64_t at = row * airways.row_words + word;
      for (std::uint64_t ones = airways.words[at] & gas.words[at]; ones != 0; ones &= ones - 1)
        counts.add(volume.hu[row * width + word * 64 + std::countr_zero(ones)]);
    }
  return counts.total() > 0 ? counts.median() + above_tracheal_air : std::numeric_limits<int>::max();
}

int median_hu(const Volume& volume, const Components& parts, std::size_t which, const LungGrid& grid) {
  HuCounts counts;
  const kernels::Component& part = parts.list[which];
  for (std::int64_t z = part.box.low[0]; z < part.box.high[0]; ++z)
    for (std::int64_t i = parts.first_run[z]; i < parts.first_run[z + 1]; ++i) {
      const Run& run = parts.runs[i];
      if (static_cast<std::size_t>(run.component) != which) continue;
      const std::int16_t* row = volume.hu.data() + (z * grid.shape[1] + run.y) * grid.shape[2];
      for (std::int64_t x = run.begin; x < run.end; ++x) counts.add(row[x]);
    }
  return counts.median();
}

}  // namespace pleura::screening
