#include <algorithm>
#include <bit>
#include <cstdlib>
#include <optional>
#include <string>

#include "kernels/convex_hull.hpp"
#include "kernels/morphology.hpp"
#include "pleura/error.hpp"
#include "runtime/parallel.hpp"
#include "screening/lung_stages.hpp"

namespace pleura::screening {
namespace {

using kernels::BitVolume;
using kernels::Component;
using kernels::Components;
using kernels::Connectivity;

constexpr std::int64_t least_lung_ul = 100'000, least_lung_mm2 = 1500;
constexpr std::int64_t least_child_ul =
    460'000;  ///< in adult lengths: 100 ml in a body of 150 mm, no wider than a head
constexpr std::int64_t least_piece_ul = 1000;

std::int64_t centre_x(const Component& part) { return part.index_sum[2] / part.voxels; }

/// Are these two a left and a right lung: neither tiny beside the other, side by side, at the same height?
bool are_two_lungs(const Component& a, const Component& b) {
  const std::int64_t wide = std::max(a.box.high[2], b.box.high[2]) - std::min(a.box.low[2], b.box.low[2]);
  const std::int64_t common = std::min(a.box.high[0], b.box.high[0]) - std::max(a.box.low[0], b.box.low[0]);
  const Component& smaller = a.voxels < b.voxels ? a : b;
  return 10 * smaller.voxels >= std::max(a.voxels, b.voxels) &&
         100 * std::abs(centre_x(a) - centre_x(b)) >= 35 * wide &&
         2 * common >= smaller.box.high[0] - smaller.box.low[0];
}

/// The components in falling size, those of the lower number first among equals.
std::vector<std::size_t> by_size(const Components& parts) {
  std::vector<std::size_t> order(parts.list.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return parts.list[a].voxels > parts.list[b].voxels; });
  return order;
}

BitVolume draw_one(const Components& parts, std::size_t which, const LungGrid& grid) {
  std::vector<std::uint8_t> wanted(parts.list.size());
  wanted[which] = 1;
  return kernels::draw(parts, wanted, grid.shape, grid.threads);
}

/// Seeds of a left and a right lung in one piece of air, or none: the air worn away, and thinned to ever lower HU,
/// until it parts.
std::optional<LungSides> find_seeds(const BitVolume& joined, const Volume& volume, const LungGrid& grid) {
  struct Attempt {
    std::size_t level;
    std::int64_t worn_um;
  };
  constexpr std::array<int, 3> limits{0, -700, -800};
  std::array<BitVolume, 3> levels{joined, {}, {}};
  for (const auto& [level, worn_um] : {Attempt{0, 1000}, Attempt{1, 1000}, Attempt{1, 2500}, Attempt{2, 1000},
                                       Attempt{2, 2500}, Attempt{1, 5000}, Attempt{0, 8000}, Attempt{0, 12000}}) {
    BitVolume& thinned = levels[level];
    if (thinned.words.empty()) {
      thinned = below(volume, limits[level], grid);
      for (std::size_t i = 0; i < thinned.words.size(); ++i) thinned.words[i] &= joined.words[i];
    }
    const kernels::Disc disc = kernels::make_disc(worn_um, grid.spacing_um[1], grid.spacing_um[2]);
    BitVolume worn(grid.shape);
    parallel_for(grid.shape[0], grid.threads, [&](std::int64_t z) {
      kernels::erode_slice(thinned.slice(z), grid.shape[1], grid.shape[2], disc, worn.slice(z));
    });
    const Components parts = kernels::find_components(worn, Connectivity::in_volume, grid.threads);
    const auto order = by_size(parts);
    if (order.size() < 2 || !are_two_lungs(parts.list[order[0]], parts.list[order[1]])) continue;
    const bool first_is_left = centre_x(parts.list[order[0]]) > centre_x(parts.list[order[1]]);
    return LungSides{draw_one(parts, order[first_is_left ? 0 : 1], grid),
                     draw_one(parts, order[first_is_left ? 1 : 0], grid)};
  }
  return std::nullopt;
}

/// Is the middle of a lung left of the body's, over the slices that hold the lung?
bool is_left_of_body(const Component& lung, const BitVolume& body) {
  std::int64_t sum = 0, count = 0;
  for (std::int64_t z = lung.box.low[0]; z < lung.box.high[0]; ++z)
    for (std::int64_t y = 0; y < body.shape[1]; ++y)
      for (std::int64_t word = 0; word < body.row_words; ++word)
        for (std::uint64_t ones = body.row(z, y)[word]; ones != 0; ones &= ones - 1) {
          sum += word * 64 + std::countr_zero(ones);
          ++count;
        }
  return lung.index_sum[2] * count > sum * lung.voxels;
}

/// The two lungs among the candidates, largest first, or the one there is.
LungSides part_sides(const Components& parts, const std::vector<std::size_t>& order, const Volume& volume,
                     const BitVolume& body, const LungGrid& grid) {
  for (std::size_t k = 1; k < std::min<std::size_t>(order.size(), 4); ++k)
    if (are_two_lungs(parts.list[order[0]], parts.list[order[k]])) {
      const bool first_is_left = centre_x(parts.list[order[0]]) > centre_x(parts.list[order[k]]);
      return {draw_one(parts, order[first_is_left ? 0 : k], grid), draw_one(parts, order[first_is_left ? k : 0], grid)};
    }
  BitVolume joined = draw_one(parts, order[0], grid), none(grid.shape);
  if (auto seeds = find_seeds(joined, volume, grid)) {
    grow_apart(seeds->left, seeds->right, joined, grid);
    return std::move(*seeds);
  }
  if (is_left_of_body(parts.list[order[0]], body)) return {std::move(joined), std::move(none)};
  return {std::move(none), std::move(joined)};
}

/// Adds to each lung the pieces of air that consolidation has cut off from it: within the hull of its cuts, not where
/// bowel lies, and with no more gas than lung has.
void adopt_pieces(LungSides& sides, const Components& parts, const std::vector<std::int64_t>& gas,
                  const LungGrid& grid) {
  for (BitVolume* lung : {&sides.left, &sides.right}) {
    BitVolume hulls(grid.shape);
    parallel_for(grid.shape[0], grid.threads, [&](std::int64_t z) {
      kernels::fill_hull(kernels::convex_hull(lung->slice(z), grid.shape[1], grid.shape[2]), grid.shape[2],
                         hulls.slice(z));
    });
    const auto own = kernels::count_in(parts, *lung, grid.threads),
               in_hull = kernels::count_in(parts, hulls, grid.threads);
    std::int64_t low = grid.shape[0], high = 0;
    for (std::size_t i = 0; i < parts.list.size(); ++i)
      if (own[i] > 0) {
        low = std::min(low, parts.list[i].box.low[0]);
        high = std::max(high, parts.list[i].box.high[0]);
      }
    std::vector<std::uint8_t> wanted(parts.list.size());
    for (std::size_t i = 0; i < parts.list.size(); ++i) {
      const Component& part = parts.list[i];
      const bool above_bowel = 3 * part.index_sum[0] >= (2 * low + high) * part.voxels;
      wanted[i] = own[i] == 0 && 5 * in_hull[i] >= 4 * part.voxels && 4 * gas[i] <= part.voxels &&
                  grid.microlitres(part.voxels) >= least_piece_ul && above_bowel;
    }
    const BitVolume pieces = kernels::draw(parts, wanted, grid.shape, grid.threads);
    const BitVolume& other = lung == &sides.left ? sides.right : sides.left;
    for (std::size_t i = 0; i < pieces.words.size(); ++i) lung->words[i] |= pieces.words[i] & ~other.words[i];
  }
}

}  // namespace

LungSides choose_lungs(const Volume& volume, const AirBits& bits, const BitVolume& airways, const LungGrid& grid) {
  BitVolume candidates = bits.air;
  for (std::size_t i = 0; i < candidates.words.size(); ++i) candidates.words[i] &= ~airways.words[i];
  const int air_at_most = highest_air(volume, airways, bits.gas, grid);
  remove_gas_pockets(candidates, volume, bits, air_at_most, grid);
  const Components parts = kernels::find_components(candidates, Connectivity::in_volume, grid.threads);
  const auto gas = kernels::count_in(parts, bits.gas, grid.threads);
  const std::int64_t slab_mm = std::max<std::int64_t>(1, grid.shape[0] * grid.spacing_um[0] / 1000);
  const std::int64_t least_ul = std::min({grid.in_adult(least_lung_ul), least_child_ul, least_lung_mm2 * slab_mm});
  std::vector<std::size_t> order = by_size(parts);
  std::erase_if(order, [&](std::size_t i) {
    return grid.microlitres(parts.list[i].voxels) < least_ul ||
           (4 * gas[i] > 3 * parts.list[i].voxels && median_hu(volume, parts, i, grid) <= air_at_most);
  });
  if (order.empty()) {
    std::string figures;
    for (const std::size_t i : by_size(parts))
      if (figures.size() < 100)
        figures += (figures.empty() ? "" : ", ") +
                   std::to_string(grid.in_truth(grid.microlitres(parts.list[i].voxels)) / 1000) + " ml (" +
                   std::to_string(100 * gas[i] / parts.list[i].voxels) + " % gas)";
    throw Error(Status::input_refused, "no lungs found: the largest pieces of air inside the body measure " +
                                           (figures.empty() ? "0 ml" : figures) + "; expected one of at least " +
                                           std::to_string((grid.in_truth(least_ul) + 999) / 1000) +
                                           " ml, at most 75 % gas, or denser than the air of the trachea");
  }
  LungSides sides = part_sides(parts, order, volume, bits.body, grid);
  adopt_pieces(sides, parts, gas, grid);
  return sides;
}

}  // namespace pleura::screening
