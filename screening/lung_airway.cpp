#include <algorithm>

#include "kernels/airways.hpp"
#include "kernels/morphology.hpp"
#include "runtime/parallel.hpp"
#include "screening/lung_stages.hpp"

namespace pleura::screening {
namespace {

using kernels::AirwayLimits;
using kernels::BitVolume;
using kernels::Component;
using kernels::Components;
using kernels::Connectivity;
using kernels::Run;

/// One slice's cut through an airway.
struct Lumen {
  BitVolume bits;  ///< one slice
  std::int64_t voxels = 0, centre_x = 0;
};

/// The runs of each component of a list of components that are each of one slice.
class SliceParts {
 public:
  explicit SliceParts(Components parts) : parts_(std::move(parts)), first_part_(parts_.first_run.size()) {
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
        kernels::fill_bits(lumen.bits.row(0, run.y), run.begin, run.end, true);
    return lumen;
  }

  /// How many voxels each component of a slice shares with a lumen.
  [[nodiscard]] std::vector<std::int64_t> shared(std::int64_t z, const Lumen& lumen) const {
    std::vector<std::int64_t> counts(end(z) - first(z));
    for (std::int64_t i = parts_.first_run[z]; i < parts_.first_run[z + 1]; ++i) {
      const Run& run = parts_.runs[i];
      counts[run.component - first(z)] += kernels::count_bits(lumen.bits.row(0, run.y), run.begin, run.end);
    }
    return counts;
  }

 private:
  Components parts_;
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
    const bool leaks = voxels > limits.most_lumen || 5 * voxels > 8 * parents[i] + 5 * limits.slack;
    if (parents[i] > 0 && voxels >= limits.least_lumen && !leaks) next.push_back(parts.cut(z, part, shape));
  }
  return next;
}

/// Where in x and z lungs may be: the box of all large pieces of air that are no mere gas.
VoxelBox chest_box(const AirBits& bits, const LungGrid& grid) {
  const Components parts = kernels::find_components(bits.air, Connectivity::in_volume, grid.threads);
  VoxelBox box{grid.shape, {0, 0, 0}};
  std::int64_t largest = 0;
  for (const Component& part : parts.list) largest = std::max(largest, part.voxels);
  for (const Component& part : parts.list)
    if (part.voxels * 8 >= largest)
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
    return part.voxels >= limits.least_trachea && part.voxels <= limits.most_trachea && 2 * part.voxels >= box &&
           3 * gas[i] >= part.voxels && x >= chest.low[2] + third && x < chest.high[2] - third;
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

AirwayLimits airway_limits(const LungGrid& grid) {
  constexpr std::int64_t least_tube_um = 15'000, bronchus_reach_um = 55'000;
  return {.least_trachea = grid.pixels(50),
          .most_trachea = grid.pixels(900),
          .least_slices = (least_tube_um + grid.spacing_um[0] - 1) / grid.spacing_um[0],
          .least_lumen = grid.pixels(20),
          .most_lumen = grid.pixels(1200),
          .slack = grid.pixels(60),
          .reach = bronchus_reach_um / grid.spacing_um[2]};
}

BitVolume find_airways(const AirBits& bits, const LungGrid& grid) {
  const AirwayLimits limits = airway_limits(grid);
  const std::int64_t height = grid.shape[1], width = grid.shape[2];
  BitVolume airways(grid.shape);
  const SliceParts air(kernels::find_components(bits.air, Connectivity::in_slice, grid.threads));
  const auto gas_of_air = kernels::count_in(air.components(), bits.gas, grid.threads);
  const auto [top, first] = find_trachea(air, gas_of_air, chest_box(bits, grid), limits, grid.shape);
  if (top < 0) return airways;

  // Where an airway's wall is too thin to part it from the lung, its gas alone is followed.
  BitVolume clean_gas(grid.shape);
  const kernels::Disc speckle = kernels::make_disc(airway_speckle_um, grid.spacing_um[1], grid.spacing_um[2]);
  parallel_for(top + 1, grid.threads, [&](std::int64_t z) {
    std::vector<std::uint64_t> worn(bits.gas.slice_words());
    kernels::erode_slice(bits.gas.slice(z), height, width, speckle, worn.data());
    kernels::dilate_slice(worn.data(), height, width, speckle, clean_gas.slice(z));
  });
  const SliceParts gas(kernels::find_components(clean_gas, Connectivity::in_slice, grid.threads));

  std::vector<Lumen> lumens{air.cut(top, first, grid.shape)};
  std::int64_t axis_x = lumens[0].centre_x;
  const kernels::Disc wall = kernels::make_disc(airway_wall_um, grid.spacing_um[1], grid.spacing_um[2]);
  for (std::int64_t z = top; !lumens.empty(); --z) {
    if (lumens.size() == 1 && lumens[0].voxels >= 2 * limits.least_trachea) axis_x = lumens[0].centre_x;
    BitVolume cut({1, height, width});
    for (const Lumen& lumen : lumens)
      for (std::int64_t i = 0; i < cut.slice_words(); ++i) cut.words[i] |= lumen.bits.words[i];
    kernels::dilate_slice(cut.words.data(), height, width, wall, airways.slice(z));
    for (std::int64_t i = 0; i < cut.slice_words(); ++i) airways.slice(z)[i] &= bits.air.slice(z)[i];
    if (z == 0) break;
    std::vector<Lumen> next = follow(air, z - 1, lumens, limits, grid.shape);
    for (Lumen& lumen : follow(gas, z - 1, lumens, limits, grid.shape)) {
      const bool new_to_us = std::none_of(next.begin(), next.end(), [&](const Lumen& other) {
        for (std::int64_t i = 0; i < cut.slice_words(); ++i)
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

}  // namespace pleura::screening
