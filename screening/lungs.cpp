#include "screening/lungs.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "runtime/parallel.hpp"
#include "screening/lung_stages.hpp"
#include "screening/spacing.hpp"

namespace pleura::screening {
namespace {

using kernels::BitVolume;

/// Writes `label` wherever a row has ones; returns how many, and widens the box's rectangle around them.
std::int64_t label_row(const std::uint64_t* row, std::int64_t row_words, std::int64_t y, std::uint8_t label,
                       std::uint8_t* mask, VoxelBox& box) {
  std::int64_t count = 0;
  for (std::int64_t word = 0; word < row_words; ++word)
    for (std::uint64_t ones = row[word]; ones != 0; ones &= ones - 1) {
      const std::int64_t x = word * 64 + std::countr_zero(ones);
      mask[x] = label;
      ++count;
      box.low[1] = std::min(box.low[1], y);
      box.high[1] = y + 1;
      box.low[2] = std::min(box.low[2], x);
      box.high[2] = std::max(box.high[2], x + 1);
    }
  return count;
}

}  // namespace

Lungs label_lungs(const LungSides& sides, const Geometry& geometry, int threads) {
  const auto [depth, height, width] = geometry.shape;
  Lungs lungs;
  lungs.mask.resize(geometry.voxels());
  lungs.slice_boxes.resize(depth);
  std::vector<std::int64_t> left(depth), right(depth);
  parallel_for(depth, threads, [&, rows = height, columns = width](std::int64_t z) {
    VoxelBox& box = lungs.slice_boxes[z];
    box = {{z, rows, columns}, {z + 1, 0, 0}};
    for (std::int64_t y = 0; y < rows; ++y) {
      std::uint8_t* mask = lungs.mask.data() + (z * rows + y) * columns;
      left[z] += label_row(sides.left.row(z, y), sides.left.row_words, y, 1, mask, box);
      right[z] += label_row(sides.right.row(z, y), sides.right.row_words, y, 2, mask, box);
    }
    if (left[z] + right[z] == 0) box = {{z, 0, 0}, {z, 0, 0}};
  });
  LungsSummary& summary = lungs.summary;
  const auto& spacing = geometry.spacing;
  std::int64_t left_voxels = 0, right_voxels = 0;
  for (std::int64_t z = 0; z < depth; ++z) {
    left_voxels += left[z];
    right_voxels += right[z];
    const VoxelBox& box = lungs.slice_boxes[z];
    if (box.low == box.high) continue;
    if (summary.box.low == summary.box.high) summary.box = box;
    for (int axis = 0; axis < 3; ++axis) {
      summary.box.low[axis] = std::min(summary.box.low[axis], box.low[axis]);
      summary.box.high[axis] = std::max(summary.box.high[axis], box.high[axis]);
    }
  }
  summary.left_litres = static_cast<double>(left_voxels) * spacing[0] * spacing[1] * spacing[2] * 1e-6;
  summary.right_litres = static_cast<double>(right_voxels) * spacing[0] * spacing[1] * spacing[2] * 1e-6;
  return lungs;
}

Lungs find_lungs(const Volume& volume, int threads) {
  LungGrid grid{volume.geometry.shape, {}, resolve_threads(threads)};
  for (int axis = 0; axis < 3; ++axis) grid.spacing_um[axis] = whole_micrometres(volume.geometry.spacing[axis]);
  const AirBits bits = find_air(volume, grid);
  grid = in_adult_lengths(grid, bits.body);
  const BitVolume airways = find_airways(bits, grid);
  LungSides sides = choose_lungs(volume, bits, airways, grid);
  complete_lungs(sides, airways, bits.body, grid);
  return label_lungs(sides, volume.geometry, grid.threads);
}

double distance_from_edge(const Volume& volume, const Lungs& lungs, std::int64_t slice, double y, double x) {
  const auto [depth, height, width] = volume.geometry.shape;
  if (slice < 0 || slice >= depth) return 0;
  const VoxelBox& box = lungs.slice_boxes[slice];
  if (box.low == box.high) return 0;
  const double mm_y = settled_spacing(volume.geometry.spacing[1]), mm_x = settled_spacing(volume.geometry.spacing[2]);
  const std::uint8_t* mask = lungs.mask.data() + slice * height * width;
  const auto outside = [&, rows = height, columns = width](std::int64_t v, std::int64_t u) {
    return v < 0 || v >= rows || u < 0 || u >= columns || mask[v * columns + u] == 0;
  };
  double nearest = INFINITY;
  for (std::int64_t v = box.low[1]; v < box.high[1]; ++v) {
    const double dy = (static_cast<double>(v) - y) * mm_y;
    if (dy * dy >= nearest) continue;
    for (std::int64_t u = box.low[2]; u < box.high[2]; ++u) {
      if (outside(v, u)) continue;
      if (!outside(v - 1, u) && !outside(v + 1, u) && !outside(v, u - 1) && !outside(v, u + 1)) continue;
      const double dx = (static_cast<double>(u) - x) * mm_x;
      nearest = std::min(nearest, dy * dy + dx * dx);
    }
  }
  const double tall = static_cast<double>(box.high[1] - box.low[1]) * mm_y;
  const double wide = static_cast<double>(box.high[2] - box.low[2]) * mm_x;
  return std::sqrt(nearest) / std::sqrt(tall * tall + wide * wide);  // not hypot: the same bits everywhere
}

}  // namespace pleura::screening
