#include "report/tiles.hpp"

#include <algorithm>
#include <cstdlib>

namespace pleura::report {
namespace {

/// The slice through a region's middle: along z the one that was classified.
std::int64_t middle_of(const Region& region, std::size_t axis, std::int64_t extent) {
  const std::int64_t middle =
      axis == 0 ? region.votes[1].slice : (region.box_voxels.low[axis] + region.box_voxels.high[axis]) / 2;
  return std::clamp<std::int64_t>(middle, 0, extent - 1);
}

/// Whether a tile does for a region: for a finding where it cuts the middle half, else where it cuts it at all.
bool shows(const Tile& tile, const Region& region, std::size_t axis, std::int64_t middle) {
  const std::int64_t low = region.box_voxels.low[axis], high = region.box_voxels.high[axis];
  if (tile.index == middle) return true;
  if (tile.index < low || tile.index >= high) return false;
  return !is_finding(region) || std::abs(tile.index - middle) <= (high - low) / 4;
}

}  // namespace

bool is_finding(const Region& region) { return region.label != Label::irrelevant; }

void add_tiles(std::vector<Tile>& tiles, const std::vector<Region>& regions, bool findings, std::size_t axis,
               std::int64_t extent) {
  for (std::size_t i = 0; i < regions.size(); ++i) {
    if (is_finding(regions[i]) != findings) continue;
    const std::int64_t middle = middle_of(regions[i], axis, extent);
    const auto shown = std::find_if(tiles.begin(), tiles.end(),
                                    [&](const Tile& tile) { return shows(tile, regions[i], axis, middle); });
    if (shown != tiles.end())
      shown->regions.push_back(i);
    else
      tiles.push_back({middle, {i}});
  }
}

void fill_gaps(std::vector<Tile>& tiles, std::int64_t low, std::int64_t high, std::size_t wanted) {
  /// The slices between two tiles, and into how many parts new ones cut them.
  struct Gap {
    std::int64_t after, before, parts = 1;
    [[nodiscard]] double part() const {
      return parts < before - after ? static_cast<double>(before - after) / static_cast<double>(parts) : 0;
    }
  };
  std::vector<std::int64_t> seen{low - 1, high};
  for (const Tile& tile : tiles)
    if (low <= tile.index && tile.index < high) seen.push_back(tile.index);
  std::sort(seen.begin(), seen.end());
  std::vector<Gap> gaps;
  for (std::size_t i = seen.size() - 1; i > 0; --i) gaps.push_back({seen[i - 1], seen[i]});
  for (std::size_t count = tiles.size(); count < wanted; ++count) {
    Gap& widest =
        *std::max_element(gaps.begin(), gaps.end(), [](const Gap& a, const Gap& b) { return a.part() < b.part(); });
    if (widest.part() == 0) break;
    ++widest.parts;
  }
  for (const Gap& gap : gaps)
    for (std::int64_t part = gap.parts - 1; part > 0; --part)
      tiles.push_back({gap.after + (gap.before - gap.after) * part / gap.parts, {}});
}

}  // namespace pleura::report
