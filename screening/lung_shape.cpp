#include <algorithm>
#include <bit>
#include <cstdlib>

#include "kernels/convex_hull.hpp"
#include "kernels/fill_holes.hpp"
#include "kernels/morphology.hpp"
#include "runtime/parallel.hpp"
#include "screening/lung_stages.hpp"

namespace pleura::screening {
namespace {

using kernels::BitVolume;
using kernels::Component;
using kernels::Components;
using kernels::Connectivity;
using kernels::Pixel;
using kernels::Run;

/// One lung as its hull sees it.
struct Side {
  bool is_left = false;
  std::int64_t middle_y2 = 0;  ///< twice the middle row of all of it
};

/// Does the lung end at this edge of its hull at the ribs, not at the mediastinum, the heart or the diaphragm? The edge
/// goes from a to b, of rising y, with the lung on its high-x side (low_side) or on its low-x side. Outwards must be
/// within 45 degrees of sideways; or, in the back half of the lung, backwards, and in its front half, forwards, and at
/// most 3 in 10 inwards: at the base the crescent around the liver or the stomach has its hollow side to the front in
/// the back half, and to the back in the front half.
bool is_costal(const Pixel& a, const Pixel& b, bool low_side, const Side& side, const LungGrid& grid) {
  const std::int64_t dy = (b.y - a.y) * grid.spacing_um[1], dx = (b.x - a.x) * grid.spacing_um[2];
  const std::int64_t back = low_side ? dx : -dx, sideways = low_side != side.is_left ? dy : -dy;
  if (dy * dy + dx * dx > most_edge_um * most_edge_um) return false;
  if (sideways > 0 && sideways >= std::abs(back)) return true;
  const bool in_back = a.y + b.y > side.middle_y2;
  return in_back == (back > 0) && 10 * sideways >= -3 * std::abs(back);
}

/// A voxel of the pocket behind an edge of the hull at t quarters of its length, or {-1, -1} where lung comes up to it.
Pixel behind(const Pixel& a, const Pixel& b, bool low_side, int t, const BitVolume& pockets, const BitVolume& lung) {
  Pixel pixel{(a.y * (4 - t) + b.y * t + 2) / 4, (a.x * (4 - t) + b.x * t + 2) / 4};
  const bool steep = std::abs(b.y - a.y) >= std::abs(b.x - a.x);
  const std::int64_t step_x = low_side ? 1 : -1, step_y = (low_side ? b.x > a.x : b.x < a.x) ? -1 : 1;
  // Rounding may leave the first voxel just outside the hull.
  for (int step = 0; step < 3; ++step) {
    if (pixel.y < 0 || pixel.y >= lung.shape[1] || pixel.x < 0 || pixel.x >= lung.shape[2]) break;
    if (lung.get(0, pixel.y, pixel.x)) break;
    if (pockets.get(0, pixel.y, pixel.x)) return pixel;
    (steep ? pixel.x : pixel.y) += steep ? step_x : step_y;
  }
  return {-1, -1};
}

/// Adds to one connected cut through a lung (in a slice of its own) the pockets between it and its hull at the ribs.
void add_costal_pockets(BitVolume& cut, const Side& side, std::int64_t voxels, const LungGrid& grid) {
  const std::int64_t height = grid.shape[1], width = grid.shape[2];
  const kernels::ConvexHull hull = kernels::convex_hull(cut.words.data(), height, width);
  BitVolume pockets(cut.shape);
  kernels::fill_hull(hull, width, pockets.words.data());
  for (std::size_t i = 0; i < cut.words.size(); ++i) pockets.words[i] &= ~cut.words[i];
  const Components parts = kernels::find_components(pockets, Connectivity::in_slice, 1);
  // How much of the hull's length before each pocket is costal, less how much is not.
  std::vector<std::int64_t> costal(parts.list.size());
  const auto visit = [&](const Pixel& a, const Pixel& b, bool low_side) {
    const std::int64_t length =
        std::max(std::abs(b.y - a.y) * grid.spacing_um[1], std::abs(b.x - a.x) * grid.spacing_um[2]);
    const bool is_good = is_costal(a, b, low_side, side, grid);
    for (const int t : {1, 2, 3}) {
      const Pixel pixel = behind(a, b, low_side, t, pockets, cut);
      for (const Run& run : parts.runs)
        if (run.y == pixel.y && run.begin <= pixel.x && pixel.x < run.end)
          costal[run.component] += is_good ? length : -length;
    }
  };
  for (std::size_t i = 1; i < hull.low.size(); ++i) visit(hull.low[i - 1], hull.low[i], true);
  for (std::size_t i = 1; i < hull.high.size(); ++i) visit(hull.high[i - 1], hull.high[i], false);
  // The ends, where the hull's first or last row has more than one voxel.
  visit(hull.high.front(), hull.low.front(), true);
  visit(hull.low.back(), hull.high.back(), true);
  for (const Run& run : parts.runs) {
    const Component& part = parts.list[run.component];
    const bool is_small = part.voxels <= grid.pixels(most_pocket_mm2) && 2 * part.voxels <= voxels;
    if (is_small && costal[run.component] > 0) kernels::fill_bits(cut.row(0, run.y), run.begin, run.end, true);
  }
}

/// The same for every cut of one slice that is large enough.
void complete_slice(std::uint64_t* lung, const Side& side, const LungGrid& grid) {
  const Index3 shape{1, grid.shape[1], grid.shape[2]};
  BitVolume slice(shape);
  std::copy_n(lung, slice.words.size(), slice.words.begin());
  const Components parts = kernels::find_components(slice, Connectivity::in_slice, 1);
  for (std::size_t i = 0; i < parts.list.size(); ++i) {
    if (parts.list[i].voxels < grid.pixels(least_cut_mm2)) continue;
    std::vector<std::uint8_t> wanted(parts.list.size());
    wanted[i] = 1;
    BitVolume cut = kernels::draw(parts, wanted, shape, 1);
    add_costal_pockets(cut, side, parts.list[i].voxels, grid);
    for (std::size_t word = 0; word < cut.words.size(); ++word) lung[word] |= cut.words[word];
  }
}

/// Twice the middle of the rows that hold ones.
std::int64_t middle_y2(const BitVolume& lung) {
  std::int64_t low = lung.shape[1], high = 0;
  for (std::int64_t row = 0; row < lung.shape[0] * lung.shape[1]; ++row) {
    const std::uint64_t* words = lung.words.data() + row * lung.row_words;
    if (std::all_of(words, words + lung.row_words, [](std::uint64_t word) { return word == 0; })) continue;
    low = std::min(low, row % lung.shape[1]);
    high = std::max(high, row % lung.shape[1]);
  }
  return low + high;
}

}  // namespace

void complete_lungs(LungSides& lungs, const BitVolume& airways, const BitVolume& body, const LungGrid& grid) {
  const kernels::Disc disc = kernels::make_disc(closing_um, grid.spacing_um[1], grid.spacing_um[2]);
  const std::int64_t words = airways.slice_words();
  const auto complete = [&](const BitVolume& lung, const BitVolume& other, bool is_left) {
    BitVolume closed(grid.shape);
    const Side side{is_left, middle_y2(lung)};
    parallel_for(grid.shape[0], grid.threads, [&](std::int64_t z) {
      std::uint64_t* slice = closed.slice(z);
      kernels::close_slice(lung.slice(z), grid.shape[1], grid.shape[2], disc, slice);
      complete_slice(slice, side, grid);
      for (std::int64_t i = 0; i < words; ++i)
        slice[i] = lung.slice(z)[i] | (slice[i] & body.slice(z)[i] & ~other.slice(z)[i] & ~airways.slice(z)[i]);
    });
    kernels::fill_holes(closed, Connectivity::in_volume, grid.shape[0] * grid.shape[1] * grid.shape[2], grid.threads);
    kernels::fill_holes(closed, Connectivity::in_slice, grid.pixels(most_hole_mm2), grid.threads);
    return closed;
  };
  BitVolume left = complete(lungs.left, lungs.right, true);
  lungs.right = complete(lungs.right, left, false);
  lungs.left = std::move(left);
  for (std::size_t i = 0; i < lungs.left.words.size(); ++i) lungs.right.words[i] &= ~lungs.left.words[i];
}

}  // namespace pleura::screening
