#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <string>

#include "pleura/error.hpp"
#include "screening/lung_stages.hpp"

namespace pleura::screening {
namespace {

using kernels::Bits;
using kernels::Combination;
using kernels::Component;
using kernels::Connectivity;
using kernels::Instrument;
using kernels::ListedPart;
using kernels::Parts;

constexpr std::int64_t least_lung_ul = 100'000, least_lung_mm2 = 1500;
constexpr std::int64_t least_child_ul =
    460'000;  ///< in adult lengths: 100 ml in a body of 150 mm, no wider than a head
constexpr std::int64_t least_piece_ul = 1000;
constexpr std::int64_t lung_share = 10;  ///< of the larger lung at least one part in so many is the smaller

std::int64_t centre_x(const Component& part) { return part.index_sum[2] / part.voxels; }

/// Are these two a left and a right lung: neither tiny beside the other, side by side, at the same height?
bool are_two_lungs(const Component& a, const Component& b) {
  const std::int64_t wide = std::max(a.box.high[2], b.box.high[2]) - std::min(a.box.low[2], b.box.low[2]);
  const std::int64_t common = std::min(a.box.high[0], b.box.high[0]) - std::max(a.box.low[0], b.box.low[0]);
  const Component& smaller = a.voxels < b.voxels ? a : b;
  return lung_share * smaller.voxels >= std::max(a.voxels, b.voxels) &&
         100 * std::abs(centre_x(a) - centre_x(b)) >= 35 * wide &&
         2 * common >= smaller.box.high[0] - smaller.box.low[0];
}

/// In falling size, those of the lower number first among equals.
std::vector<ListedPart> by_size(std::vector<ListedPart> parts) {
  std::stable_sort(parts.begin(), parts.end(),
                   [](const ListedPart& a, const ListedPart& b) { return a.figures.voxels > b.figures.voxels; });
  return parts;
}

/// Two components as a left and a right lung.
LungSides draw_sides(Instrument& on, const Parts& parts, const ListedPart& a, const ListedPart& b) {
  const bool a_is_left = centre_x(a.figures) > centre_x(b.figures);
  return {on.draw(parts, kernels::Only{(a_is_left ? a : b).number}),
          on.draw(parts, kernels::Only{(a_is_left ? b : a).number})};
}

/// Seeds of a left and a right lung in one piece of air, or none: the air worn away, and thinned to ever lower HU,
/// until it parts.
std::optional<LungSides> find_seeds(Instrument& on, const Bits& joined, const kernels::Hu& hu, const LungGrid& grid) {
  struct Attempt {
    std::size_t level;
    std::int64_t worn_um;
  };
  constexpr std::array<int, 3> limits{0, -700, -800};
  std::array<std::optional<Bits>, 3> levels{joined};
  for (const auto& [level, worn_um] : {Attempt{0, 1000}, Attempt{1, 1000}, Attempt{1, 2500}, Attempt{2, 1000},
                                       Attempt{2, 2500}, Attempt{1, 5000}, Attempt{0, 8000}, Attempt{0, 12000}}) {
    std::optional<Bits>& thinned = levels[level];
    if (!thinned) thinned = on.combine(on.below(hu, air_blur(grid), {limits[level]})[0], joined, Combination::both);
    const Parts parts = on.components(on.erode(*thinned, grid.disc(worn_um)), Connectivity::in_volume);
    const auto order = by_size(on.list(parts, 1, lung_share));
    if (order.size() > 1 && are_two_lungs(order[0].figures, order[1].figures))
      return draw_sides(on, parts, order[0], order[1]);
  }
  return std::nullopt;
}

/// Is the middle of a lung left of the body's, over the slices that hold the lung?
bool is_left_of_body(Instrument& on, const Component& lung, const Bits& body) {
  const std::vector<kernels::SliceFigures> slices = on.measure(body);
  std::int64_t sum = 0, count = 0;
  for (std::int64_t z = lung.box.low[0]; z < lung.box.high[0]; ++z) {
    sum += slices[z].sum_x;
    count += slices[z].voxels;
  }
  return lung.index_sum[2] * count > sum * lung.voxels;
}

/// The two lungs among the candidates, largest first, or the one there is.
LungSides part_sides(Instrument& on, const Parts& parts, const std::vector<ListedPart>& order, const kernels::Hu& hu,
                     const Bits& body, const LungGrid& grid) {
  for (std::size_t k = 1; k < std::min<std::size_t>(order.size(), 4); ++k)
    if (are_two_lungs(order[0].figures, order[k].figures)) return draw_sides(on, parts, order[0], order[k]);
  const Bits joined = on.draw(parts, kernels::Only{order[0].number});
  if (const auto seeds = find_seeds(on, joined, hu, grid)) {
    // A step along z is worth so many steps in the slice.
    const std::int64_t period =
        std::max<std::int64_t>(1, grid.spacing_um[0] / std::max(grid.spacing_um[1], grid.spacing_um[2]));
    const auto [left, right] = on.grow_apart(seeds->left, seeds->right, joined, period);
    return {left, right};
  }
  const Bits none = on.combine(joined, joined, Combination::first_only);
  return is_left_of_body(on, order[0].figures, body) ? LungSides{joined, none} : LungSides{none, joined};
}

/// A lung with the pieces of air that consolidation has cut off from it, but for what is the other's.
Bits adopt_pieces(Instrument& on, const Bits& lung, const Bits& other, const Parts& parts, const kernels::Counts& gas,
                  const LungGrid& grid) {
  const kernels::CutOff rule{on.count_in(parts, lung), on.count_in(parts, on.hulls(lung)), gas,
                             grid.voxels(least_piece_ul)};
  return on.combine(lung, on.combine(on.draw(parts, rule), other, Combination::first_only), Combination::either);
}

}  // namespace

LungSides choose_lungs(Instrument& on, const kernels::Hu& hu, const AirBits& bits, const Bits& airways,
                       const LungGrid& grid) {
  const int air_at_most = highest_air(on, hu, airways, bits.gas);
  const Bits candidates =
      remove_gas_pockets(on, on.combine(bits.air, airways, Combination::first_only), hu, bits, air_at_most, grid);
  const Parts parts = on.components(candidates, Connectivity::in_volume);
  const kernels::Counts gas_of_parts = on.count_in(parts, bits.gas);
  const std::vector<std::int64_t> gas = on.read(gas_of_parts);
  const std::int64_t slab_mm = std::max<std::int64_t>(1, grid.shape[0] * grid.spacing_um[0] / 1000);
  const std::int64_t least_ul = std::min({grid.in_adult(least_lung_ul), least_child_ul, least_lung_mm2 * slab_mm});
  std::vector<ListedPart> order = by_size(on.list(parts, grid.voxels(least_ul), 0));
  std::erase_if(order, [&](const ListedPart& part) {
    return 4 * gas[part.number] > 3 * part.figures.voxels &&
           on.median(hu, on.draw(parts, kernels::Only{part.number})).hu <= air_at_most;
  });
  if (order.empty()) {
    std::string figures;
    for (const auto& [number, part] : by_size(on.list(parts, 1, 0)))
      if (figures.size() < 100)
        figures += (figures.empty() ? "" : ", ") + std::to_string(grid.in_truth(grid.microlitres(part.voxels)) / 1000) +
                   " ml (" + std::to_string(100 * gas[number] / part.voxels) + " % gas)";
    throw Error(Status::input_refused, "no lungs found: the largest pieces of air inside the body measure " +
                                           (figures.empty() ? "0 ml" : figures) + "; expected one of at least " +
                                           std::to_string((grid.in_truth(least_ul) + 999) / 1000) +
                                           " ml, at most 75 % gas, or denser than the air of the trachea");
  }
  const auto [left, right] = part_sides(on, parts, order, hu, bits.body, grid);
  const Bits with_pieces = adopt_pieces(on, left, right, parts, gas_of_parts, grid);
  return {with_pieces, adopt_pieces(on, right, with_pieces, parts, gas_of_parts, grid)};
}

}  // namespace pleura::screening
