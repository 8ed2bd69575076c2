#include "kernels/airways.hpp"

#include <algorithm>
#include <cstdlib>

#include "kernels/rules.hpp"

namespace pleura::kernels {
namespace {

/// One slice's cut through an airway.
struct Lumen {
  BitVolume bits;  ///< one slice
  std::int64_t voxels = 0, centre_x = 0;
};

/// The runs of each component of a list of components that are each of one slice.
class SliceParts {
 public:
  explicit SliceParts(const Components& parts) : parts_(parts), first_part_(parts_.first_run.size()) {
    for (std::size_t z = 0; z < first_part_.size(); ++z)
      first_part_[z] = z + 1 < first_part_.size() && parts_.first_run[z] < parts_.first_run[z + 1]
                           ? parts_.runs[parts_.first_run[z]].component
                           : -1;
    std::int32_t next = static_cast<std::int32_t>(parts_.list.size());
    for (std::size_t z = first_part_.size(); z-- > 0;)
      next = first_part_[z] = first_part_[z] < 0 ? next : first_part_[z];
  }

  [[nodiscard]] const Components& components() const { return parts_; }
  [[nodiscard]] std::int32_t first(std::int64_t z) const { return first_part_[z]; }
  [[nodiscard]] std::int32_t end(std::int64_t z) const { return first_part_[z + 1]; }

  [[nodiscard]] Lumen cut(std::int64_t z, std::int32_t part, const Index3& shape) const {
    const Component& figures = parts_.list[part];
    Lumen lumen{BitVolume({1, shape[1], shape[2]}), figures.voxels, figures.index_sum[2] / figures.voxels};
    for (std::int64_t i = parts_.first_run[z]; i < parts_.first_run[z + 1]; ++i)
      if (const Run& run = parts_.runs[i]; run.component == part)
        fill_bits(lumen.bits.row(0, run.y), run.begin, run.end, true);
    return lumen;
  }

  /// How many voxels each component of a slice shares with a lumen.
  [[nodiscard]] std::vector<std::int64_t> shared(std::int64_t z, const Lumen& lumen) const {
    std::vector<std::int64_t> counts(end(z) - first(z));
    for (std::int64_t i = parts_.first_run[z]; i < parts_.first_run[z + 1]; ++i) {
      const Run& run = parts_.runs[i];
      counts[run.component - first(z)] += count_bits(lumen.bits.row(0, run.y), run.begin, run.end);
    }
    return counts;
  }

 private:
  const Components& parts_;
  std::vector<std::int32_t> first_part_;
};

/// Which components of slice z go on from these lumens: large enough to count, and not so large that air has leaked
/// out.
std::vector<Lumen> follow(const SliceParts& parts, std::int64_t z, const std::vector<Lumen>& lumens,
                          const AirwayLimits& limits, const Index3& shape) {
  std::vector<std::int64_t> parents(parts.end(z) - parts.first(z));
  for (const Lumen& lumen : lumens) {
    const auto shared = parts.shared(z, lumen);
    for (std::size_t i = 0; i < shared.size(); ++i)
      if (shared[i] > 0) parents[i] += lumen.voxels;
  }
  std::vector<Lumen> next;
  for (std::size_t i = 0; i < parents.size(); ++i) {
    const auto part = parts.first(z) + static_cast<std::int32_t>(i);
    const std::int64_t voxels = parts.components().list[part].voxels;
    if (goes_on(voxels, parents[i], limits)) next.push_back(parts.cut(z, part, shape));
  }
  return next;
}

/// Where in x and z lungs may be.
VoxelBox chest_box(const Components& pieces, const Index3& shape) {
  VoxelBox box{shape, {0, 0, 0}};
  std::int64_t largest = 0;
  for (const Component& part : pieces.list) largest = std::max(largest, part.voxels);
  for (const Component& part : pieces.list)
    if (marks_chest(part.voxels, largest))
      for (int axis = 0; axis < 3; ++axis) {
        box.low[axis] = std::min(box.low[axis], part.box.low[axis]);
        box.high[axis] = std::max(box.high[axis], part.box.high[axis]);
      }
  return box;
}

/// The topmost cut of the trachea, {slice, component}, or {-1, -1}: of all vertical tubes of gas in the middle third of
/// the chest that begin in its upper half, the one that holds most.
std::pair<std::int64_t, std::int32_t> find_trachea(const SliceParts& parts, const std::vector<std::int64_t>& gas,
                                                   const VoxelBox& chest, const AirwayLimits& limits,
                                                   const Index3& shape) {
  const std::int64_t third = (chest.high[2] - chest.low[2]) / 3;
  const auto is_round = [&](std::int32_t i) {
    const Component& part = parts.components().list[i];
    const std::int64_t x = part.index_sum[2] / part.voxels;
    const std::int64_t box = (part.box.high[1] - part.box.low[1]) * (part.box.high[2] - part.box.low[2]);
    return is_tracheal(part.voxels, box, gas[i], limits) && x >= chest.low[2] + third && x < chest.high[2] - third;
  };
  std::vector<std::uint8_t> seen(gas.size());
  std::pair<std::int64_t, std::int32_t> best{-1, -1};
  std::int64_t most = 0;
  for (std::int64_t z = shape[0] - 1; 2 * z >= chest.low[0] + chest.high[0]; --z)
    for (std::int32_t i = parts.first(z); i < parts.end(z); ++i) {
      if (seen[i] != 0 || !is_round(i)) continue;
      std::int64_t held = 0, slices = 0;
      // Down through the one round component that shares most, as long as there is one.
      for (std::int64_t level = z, part = i; part >= 0; --level) {
        seen[part] = 1;
        const Lumen lumen = parts.cut(level, static_cast<std::int32_t>(part), shape);
        held += lumen.voxels;
        ++slices;
        part = -1;
        if (level == 0) break;
        const auto shared = parts.shared(level - 1, lumen);
        std::int64_t most_shared = 0;
        for (std::size_t k = 0; k < shared.size(); ++k) {
          const auto next = parts.first(level - 1) + static_cast<std::int32_t>(k);
          if (shared[k] > most_shared && seen[next] == 0 && is_round(next)) {
            most_shared = shared[k];
            part = next;
          }
        }
      }
      if (slices >= limits.least_slices && held > most) {
        most = held;
        best = {z, i};
      }
    }
  return best;
}

}  // namespace

BitVolume find_airways(const Components& air, const std::vector<std::int64_t>& gas, const Components& pieces,
                       const Components& clean_gas, const Index3& shape, const AirwayLimits& limits) {
  BitVolume airways(shape);
  const SliceParts of_air(air), of_gas(clean_gas);
  const auto [top, first] = find_trachea(of_air, gas, chest_box(pieces, shape), limits, shape);
  if (top < 0) return airways;
  std::vector<Lumen> lumens{of_air.cut(top, first, shape)};
  std::int64_t axis_x = lumens[0].centre_x;
  for (std::int64_t z = top; !lumens.empty(); --z) {
    if (lumens.size() == 1 && lumens[0].voxels >= 2 * limits.least_trachea) axis_x = lumens[0].centre_x;
    for (const Lumen& lumen : lumens)
      for (std::int64_t i = 0; i < airways.slice_words(); ++i) airways.slice(z)[i] |= lumen.bits.words[i];
    if (z == 0) break;
    std::vector<Lumen> next = follow(of_air, z - 1, lumens, limits, shape);
    for (Lumen& lumen : follow(of_gas, z - 1, lumens, limits, shape)) {
      const bool new_to_us = std::none_of(next.begin(), next.end(), [&](const Lumen& other) {
        for (std::size_t i = 0; i < lumen.bits.words.size(); ++i)
          if ((other.bits.words[i] & lumen.bits.words[i]) != 0) return true;
        return false;
      });
      if (new_to_us) next.push_back(std::move(lumen));
    }
    std::erase_if(next, [&](const Lumen& lumen) { return std::abs(lumen.centre_x - axis_x) > limits.reach; });
    lumens = std::move(next);
  }
  return airways;
}

}  // namespace pleura::kernels
