#include "screening/anatomy.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "kernels/bit_volume.hpp"
#include "kernels/components.hpp"
#include "runtime/parallel.hpp"
#include "screening/spacing.hpp"

namespace pleura::screening {
namespace {

using kernels::Component;

constexpr std::int64_t cell_um = 2200, step_um = 4500;  ///< what is looked at: small enough for a trachea
constexpr std::int64_t behind_um = 10'000;              ///< before and behind the lungs
constexpr int bone_from = 150, inflated_below = -700, outside_below = -880;
constexpr std::int64_t least_spine_mm2 = 200;
constexpr std::int64_t least_lumen_mm2 = 40, most_lumen_mm2 = 900, most_lumen_um = 45'000, least_trachea_um = 30'000;
constexpr std::int64_t wander_um = 6000;  ///< of a lumen's centre, more where slices are far apart

/// The lungs' box with a little before and behind, as means of cells of some voxels in every few slices.
struct CoarseChest {
  Index3 shape{};                            ///< cells
  std::array<std::int64_t, 3> spacing_um{};  ///< of cells
  std::int64_t lungs_low_y = 0, lungs_high_y = 0;
  std::vector<std::int16_t> hu;

  [[nodiscard]] std::int64_t cells(std::int64_t square_mm) const {
    return square_mm * 1'000'000 / (spacing_um[1] * spacing_um[2]);
  }
};

CoarseChest coarse_chest(const Volume& volume, const VoxelBox& box, int threads) {
  CoarseChest coarse;
  Index3 each{}, low = box.low, high = box.high;
  for (int axis = 0; axis < 3; ++axis) {
    const std::int64_t um = std::max<std::int64_t>(1, whole_micrometres(volume.geometry.spacing[axis]));
    each[axis] = std::max<std::int64_t>(1, axis == 0 ? step_um / um : (cell_um + um / 2) / um);
    coarse.spacing_um[axis] = each[axis] * um;
    if (axis == 1) {
      low[1] = std::max<std::int64_t>(0, low[1] - behind_um / um);
      high[1] = std::min(volume.geometry.shape[1], high[1] + behind_um / um);
    }
    coarse.shape[axis] = (high[axis] - low[axis]) / each[axis];
  }
  coarse.lungs_low_y = (box.low[1] - low[1]) / each[1];
  coarse.lungs_high_y = (box.high[1] - low[1]) / each[1];
  const auto [depth, rows, columns] = coarse.shape;
  const std::int64_t height = volume.geometry.shape[1], width = volume.geometry.shape[2];
  coarse.hu.resize(depth * rows * columns);
  parallel_for(depth, threads, [&, rows = rows, columns = columns](std::int64_t k) {
    const std::int16_t* slice = volume.hu.data() + (low[0] + k * each[0]) * height * width;
    for (std::int64_t j = 0; j < rows; ++j)
      for (std::int64_t i = 0; i < columns; ++i) {
        const std::int16_t* cell = slice + (low[1] + j * each[1]) * width + low[2] + i * each[2];
        std::int64_t sum = 0;
        for (std::int64_t y = 0; y < each[1]; ++y)
          for (std::int64_t x = 0; x < each[2]; ++x) sum += cell[y * width + x];
        coarse.hu[(k * rows + j) * columns + i] = static_cast<std::int16_t>(sum / (each[1] * each[2]));
      }
  });
  return coarse;
}

/// Is there a column of bone in the foremost quarter of the lungs, between them, and next to none in the hindmost? A
/// column is bone in half of the slices or more, as the spine is, and neither the sternum nor a heart full of contrast
/// medium.
bool spine_is_in_front(const CoarseChest& chest) {
  const auto [depth, rows, columns] = chest.shape;
  std::int64_t front = 0, back = 0;
  const std::int64_t quarter = (chest.lungs_high_y - chest.lungs_low_y) / 4;
  for (std::int64_t j = 0; j < rows; ++j) {
    const bool in_front = j < chest.lungs_low_y + quarter, behind = j >= chest.lungs_high_y - quarter;
    if (!in_front && !behind) continue;
    for (std::int64_t i = columns / 3; i < columns - columns / 3; ++i) {
      std::int64_t bone = 0;
      for (std::int64_t k = 0; k < depth; ++k) bone += chest.hu[(k * rows + j) * columns + i] >= bone_from ? 1 : 0;
      if (2 * bone >= depth) ++(in_front ? front : back);
    }
  }
  return front >= chest.cells(least_spine_mm2) && front >= 3 * back;
}

/// A vertical tube of gas: the slices [low, high) and its centre in the last of them.
struct Tube {
  std::int64_t low = 0, high = 0, y = 0, x = 0;  ///< y and x in micrometres
};

/// All tubes that may be a trachea: round, of its width, between the lungs.
std::vector<Tube> find_tubes(const CoarseChest& chest, int threads) {
  const auto [depth, rows, columns] = chest.shape;
  kernels::BitVolume air(chest.shape), gas(chest.shape);
  for (std::int64_t k = 0; k < depth; ++k)
    for (std::int64_t j = 0; j < rows; ++j)
      for (std::int64_t i = 0; i < columns; ++i) {
        const int hu = chest.hu[(k * rows + j) * columns + i];
        if (hu < inflated_below) air.set(k, j, i);
        if (hu < outside_below) gas.set(k, j, i);
      }
  const kernels::Components parts = kernels::find_components(air, kernels::Connectivity::in_slice, threads);
  const auto gas_in = kernels::count_in(parts, gas, threads);
  std::vector<Tube> tubes;
  for (std::size_t n = 0; n < parts.list.size(); ++n) {
    const Component& part = parts.list[n];
    const std::int64_t tall = part.box.high[1] - part.box.low[1], wide = part.box.high[2] - part.box.low[2];
    const std::int64_t y = part.index_sum[1] / part.voxels, x = part.index_sum[2] / part.voxels;
    const bool round = part.voxels >= chest.cells(least_lumen_mm2) && part.voxels <= chest.cells(most_lumen_mm2) &&
                       2 * part.voxels >= tall * wide && tall * chest.spacing_um[1] <= most_lumen_um &&
                       wide * chest.spacing_um[2] <= most_lumen_um;
    const bool between = 3 * x >= columns && 3 * x < 2 * columns && 6 * y >= rows && 6 * y < 5 * rows;
    if (!round || !between || 3 * gas_in[n] < part.voxels) continue;
    const Tube cut{part.box.low[0], part.box.high[0], y * chest.spacing_um[1], x * chest.spacing_um[2]};
    const std::int64_t reach = wander_um + chest.spacing_um[0];
    const auto goes_on = [&](const Tube& tube) {
      return tube.high == cut.low && std::abs(tube.y - cut.y) < reach && std::abs(tube.x - cut.x) < reach;
    };
    const auto below = std::find_if(tubes.begin(), tubes.end(), goes_on);
    if (below == tubes.end())
      tubes.push_back(cut);
    else
      *below = {below->low, cut.high, cut.y, cut.x};
  }
  return tubes;
}

/// How much of their rectangles the lungs fill in some slices, in percent: little where they lie around the liver.
std::int64_t filled(const Lungs& lungs, std::int64_t low, std::int64_t high) {
  std::int64_t voxels = 0, rectangles = 1;
  for (std::int64_t z = low; z < high; ++z) {
    const VoxelBox& box = lungs.slice_boxes[z];
    rectangles += (box.high[1] - box.low[1]) * (box.high[2] - box.low[2]);
    voxels += lungs.slice_voxels[z];
  }
  return 100 * voxels / rectangles;
}

/// Is the trachea at the lungs' lower end, and none at the upper? Only a whole chest tells, and only where its lower
/// end does not look like one.
bool trachea_is_below(const CoarseChest& chest, const Lungs& lungs, int threads) {
  const auto [depth, rows, columns] = chest.shape;
  if (20 * depth * chest.spacing_um[0] < 11 * columns * chest.spacing_um[2]) return false;
  std::int64_t upper = 0, lower = 0;
  for (const Tube& tube : find_tubes(chest, threads)) {
    const std::int64_t length = (tube.high - tube.low) * chest.spacing_um[0];
    if (2 * length < least_trachea_um) continue;
    if (5 * (tube.low + tube.high) <= 4 * depth) lower += length;
    if (5 * (tube.low + tube.high) >= 6 * depth) upper += length;
  }
  if (lower < least_trachea_um || 2 * upper > lower) return false;
  const auto& [low, high] = lungs.summary.box;
  const std::int64_t quarter = (high[0] - low[0]) / 4;
  return 4 * filled(lungs, low[0], low[0] + quarter) >= 3 * filled(lungs, high[0] - quarter, high[0]);
}

}  // namespace

std::vector<std::string> contradictions(const Volume& volume, const Lungs& lungs, int threads) {
  threads = resolve_threads(threads);
  const CoarseChest chest = coarse_chest(volume, lungs.summary.box, threads);
  const bool front = spine_is_in_front(chest), below = trachea_is_below(chest, lungs, threads);
  const std::string unsure = "; sides and coordinates are the header's and may be wrong";
  if (front && below)
    return {
        "the spine lies in front of the lungs and the trachea at their lower end: the CT seems turned by 180 degrees "
        "against its header" +
        unsure};
  if (front) return {"the spine lies in front of the lungs: front and back seem swapped against the header" + unsure};
  if (below)
    return {"the trachea lies at the lungs' lower end: head and feet seem swapped against the header" + unsure};
  return {};
}

}  // namespace pleura::screening
