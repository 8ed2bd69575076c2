#pragma once
/// Which slices the montage shows: as few as show each region near its middle, then others where most is unseen.
#include <cstdint>
#include <vector>

#include "pleura/result.hpp"

namespace pleura::report {

/// One slice, and the regions that it shows near their middle.
struct Tile {
  std::int64_t index = 0;
  std::vector<std::size_t> regions;
};

/// Whether a region is of an infection.
[[nodiscard]] bool is_finding(const Region& region);

/// Adds tiles along an axis (0 z, 1 y), of the findings or of the irrelevant regions, in their order. A finding joins a
/// tile that cuts the middle half of its box, an irrelevant region one that cuts its box, so that no slice comes twice;
/// else it gets one through its middle.
/// `extent`: slices of the volume.
void add_tiles(std::vector<Tile>& tiles, const std::vector<Region>& regions, bool findings, std::size_t axis,
               std::int64_t extent);

/// Adds slices within [low, high) until there are `wanted` tiles, spread evenly where no tile is yet, the highest
/// first. Fewer where there are no more slices.
void fill_gaps(std::vector<Tile>& tiles, std::int64_t low, std::int64_t high, std::size_t wanted);

}  // namespace pleura::report
