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

constexpr std::int64_t closing_um = 8000;
constexpr std::int64_t least_lung_mm2 = 1000;   ///< a smaller cut through a lung gets no hull
constexpr std::int64_t most_hole_mm2 = 400;     ///< in one slice; larger ones may be the dome of the diaphragm
constexpr std::int64_t most_pocket_mm2 = 4000;  ///< between a lung and its hull

/// Does the lung end at this edge of its hull at the ribs, not at the mediastinum, the heart or the diaphragm? The edge
/// goes from a to b with the lung on its low-x or high-x side. Outwards must be sideways, or backwards and at most 3 in
/// 10 inwards; in front only within 45 degrees of sideways.
bool is_costal(const Pixel& a, const Pixel& b, bool low_side, bool left_lung, const LungGrid& grid) {
  const std::int64_t dy = (b.y - a.y) * grid.spacing_um[1], dx = (b.x - a.x) * grid.spacing_um[2];
  const std::int64_t outwards_x = low_side ? -dy : dy, back = low_side ? dx : -dx;
  const std::int64_t sideways = left_lung ? outwards_x : -outwards_x;
  return back > 0 ? 10 * sideways >= -3 * back : sideways > 0 && sideways >= -back;
}

bool bit(const std::uint64_t* slice, std::int64_t row_words, const Pixel& pixel) {
  return (slice[pixel.y * row_words + pixel.x / 64] >> (pixel.x % 64) & 1) != 0;
}

/// A voxel of the pocket behind an edge of the hull at t quarters of its length, or {-1, -1} where lung comes that near
/// to it.
Pixel behind(const Pixel& a, const Pixel& b, bool low_side, int t, const std::uint64_t* pockets, std::int64_t height,
             std::int64_t width) {
  Pixel pixel{(a.y * (4 - t) + b.y * t + 2) / 4, (a.x * (4 - t) + b.x * t + 2) / 4};
  const bool steep = std::abs(b.y - a.y) >= std::abs(b.x - a.x);
  const std::int64_t step_x = low_side ? 1 : -1, step_y = (low_side ? b.x > a.x : b.x < a.x) ? -1 : 1;
  for (int step = 0; step < 3; ++step) {
    const bool inside = pixel.y >= 0 && pixel.y < height && pixel.x >= 0 && pixel.x < width;
    if (inside && bit(pockets, (width + 63) / 64, pixel)) return pixel;
    (steep ? pixel.x : pixel.y) += steep ? step_x : step_y;
  }
  return {-1, -1};
}

/// Adds to one connected cut through a lung (in a slice of its own) the pockets between it and its hull at the ribs.
void add_costal_pockets(BitVolume& cut, bool left_lung, std::int64_t voxels, const LungGrid& grid) {
  const std::int64_t height = grid.shape[1], width = grid.shape[2];
  const kernels::ConvexHull hull = kernels::convex_hull(cut.words.data(), height, width);
  BitVolume pockets(cut.shape);
  kernels::fill_hull(hull, width, pockets.words.data());
  for (std::size_t i = 0; i < cut.words.size(); ++i) pockets.words[i] &= ~cut.words[i];
  const Components parts = kernels::find_components(pockets, Connectivity::in_slice, 1);
  std::vector<std::uint8_t> wanted(parts.list.size());
  const auto want = [&](const Pixel& pixel) {
    for (const Run& run : parts.runs)
      if (run.y == pixel.y && run.begin <= pixel.x && pixel.x < run.end) {
        const Component& part = parts.list[run.component];
        wanted[run.component] = part.voxels <= grid.pixels(most_pocket_mm2) && 2 * part.voxels <= voxels;
      }
  };
  const auto visit = [&](const Pixel& a, const Pixel& b, bool low_side) {
    if (!is_costal(a, b, low_side, left_lung, grid)) return;
    for (const int t : {1, 2, 3})
      if (const Pixel pixel = behind(a, b, low_side, t, pockets.words.data(), height, width); pixel.y >= 0) want(pixel);
  };
  for (std::size_t i = 1; i < hull.low.size(); ++i) visit(hull.low[i - 1], hull.low[i], true);
  for (std::size_t i = 1; i < hull.high.size(); ++i) visit(hull.high[i - 1], hull.high[i], false);
  if (!hull.low.empty()) visit(hull.low.back(), hull.high.back(), true);
  for (const Run& run : parts.runs)
    if (wanted[run.component] != 0) kernels::fill_bits(cut.row(0, run.y), run.begin, run.end, true);
}

/// The same for every cut of one slice that is large enough.
void complete_slice(std::uint64_t* lung, bool left_lung, const LungGrid& grid) {
  const Index3 shape{1, grid.shape[1], grid.shape[2]};
  BitVolume slice(shape);
  std::copy_n(lung, slice.words.size(), slice.words.begin());
  const Components parts = kernels::find_components(slice, Connectivity::in_slice, 1);
  for (std::size_t i = 0; i < parts.list.size(); ++i) {
    if (parts.list[i].voxels < grid.pixels(least_lung_mm2)) continue;
    std::vector<std::uint8_t> wanted(parts.list.size());
    wanted[i] = 1;
    BitVolume cut = kernels::draw(parts, wanted, shape, 1);
    add_costal_pockets(cut, left_lung, parts.list[i].voxels, grid);
    for (std::size_t word = 0; word < cut.words.size(); ++word) lung[word] |= cut.words[word];
  }
}

}  // namespace

void complete_lungs(LungSides& lungs, const BitVolume& airways, const BitVolume& body, const LungGrid& grid) {
  const kernels::Disc disc = kernels::make_disc(closing_um, grid.spacing_um[1], grid.spacing_um[2]);
  const std::int64_t words = airways.slice_words();
  const auto complete = [&](const BitVolume& lung, const BitVolume& other, bool is_left) {
    BitVolume closed(grid.shape);
    parallel_for(grid.shape[0], grid.threads, [&](std::int64_t z) {
      std::uint64_t* slice = closed.slice(z);
      kernels::close_slice(lung.slice(z), grid.shape[1], grid.shape[2], disc, slice);
      complete_slice(slice, is_left, grid);
      for (std::int64_t i = 0; i < words; ++i)
        slice[i] &= body.slice(z)[i] & ~other.slice(z)[i] & (lung.slice(z)[i] | ~airways.slice(z)[i]);
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
