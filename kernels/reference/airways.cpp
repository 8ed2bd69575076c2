#include "kernels/airways.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <utility>

#include "kernels/convex_hull.hpp"
#include "kernels/rules.hpp"

namespace pleura::kernels::reference {
namespace {

/// One component of a slice.
struct Cut {
  std::int64_t z = 0;
  std::int32_t number = -1;
  std::vector<Pixel> pixels;
  std::int64_t centre_x = 0;

  [[nodiscard]] std::int64_t voxels() const { return static_cast<std::int64_t>(pixels.size()); }
};

/// Components of slices, to be asked voxel by voxel.
class Cuts {
 public:
  Cuts(const Components& parts, const Index3& shape)
      : parts_(parts), shape_(shape), numbers_(shape[0] * shape[1] * shape[2], -1) {
    for (const Run& run : parts.runs)
      for (std::int64_t x = run.begin; x < run.end; ++x) numbers_[index(run.z, {run.y, x})] = run.component;
  }

  [[nodiscard]] const Component& figures(std::int32_t number) const { return parts_.list[number]; }

  /// Those of a slice, in their order.
  [[nodiscard]] std::vector<std::int32_t> of_slice(std::int64_t z) const {
    std::vector<std::int32_t> numbers;
    for (std::size_t i = 0; i < parts_.list.size(); ++i)
      if (parts_.list[i].box.low[0] == z) numbers.push_back(static_cast<std::int32_t>(i));
    return numbers;
  }

  [[nodiscard]] Cut cut(std::int32_t number) const {
    const auto& [voxels, box, index_sum] = figures(number);
    Cut cut{box.low[0], number, {}, index_sum[2] / voxels};
    for (std::int64_t y = box.low[1]; y < box.high[1]; ++y)
      for (std::int64_t x = box.low[2]; x < box.high[2]; ++x)
        if (numbers_[index(cut.z, {y, x})] == number) cut.pixels.push_back({y, x});
    return cut;
  }

  /// The components below a cut, in their order: how many of its pixels each has.
  [[nodiscard]] std::map<std::int32_t, std::int64_t> below(const Cut& cut) const {
    std::map<std::int32_t, std::int64_t> shared;
    if (cut.z > 0)
      for (const Pixel& pixel : cut.pixels)
        if (const std::int32_t number = numbers_[index(cut.z - 1, pixel)]; number >= 0) ++shared[number];
    return shared;
  }

 private:
  [[nodiscard]] std::int64_t index(std::int64_t z, const Pixel& pixel) const {
    return (z * shape_[1] + pixel.y) * shape_[2] + pixel.x;
  }

  const Components& parts_;
  Index3 shape_;
  std::vector<std::int32_t> numbers_;  ///< of each voxel's component, or -1
};

/// The box of the pieces of air that tell where the chest is.
VoxelBox box_of_chest(const Components& pieces, const Index3& shape) {
  std::int64_t largest = 0;
  for (const Component& piece : pieces.list) largest = std::max(largest, piece.voxels);
  VoxelBox box{shape, {0, 0, 0}};
  for (const Component& piece : pieces.list)
    for (int axis = 0; axis < 3 && marks_chest(piece.voxels, largest); ++axis) {
      box.low[axis] = std::min(box.low[axis], piece.box.low[axis]);
      box.high[axis] = std::max(box.high[axis], piece.box.high[axis]);
    }
  return box;
}

/// The number of the topmost cut of the trachea, or -1.
std::int32_t top_of_trachea(const Cuts& air, const std::vector<std::int64_t>& gas, const VoxelBox& chest,
                            const Index3& shape, const AirwayLimits& limits) {
  const std::int64_t third = (chest.high[2] - chest.low[2]) / 3;
  const auto may_be = [&](std::int32_t number) {
    const auto& [voxels, box, index_sum] = air.figures(number);
    const std::int64_t x = index_sum[2] / voxels;
    return is_tracheal(voxels, (box.high[1] - box.low[1]) * (box.high[2] - box.low[2]), gas[number], limits) &&
           x >= chest.low[2] + third && x < chest.high[2] - third;
  };
  std::vector<bool> seen(gas.size(), false);  // a cut is of the first tube that comes to it
  std::int32_t top = -1;
  std::int64_t most = 0;
  for (std::int64_t z = shape[0] - 1; 2 * z >= chest.low[0] + chest.high[0]; --z)
    for (const std::int32_t first : air.of_slice(z)) {
      if (seen[first] || !may_be(first)) continue;
      std::int64_t held = 0, slices = 0;
      for (std::int32_t number = first; number >= 0; ++slices) {
        const Cut cut = air.cut(number);
        seen[number] = true;
        held += cut.voxels();
        // On through the cut that shares most, the first among equals.
        number = -1;
        std::int64_t most_shared = 0;
        for (const auto& [next, shared] : air.below(cut))
          if (shared > most_shared && !seen[next] && may_be(next)) {
            number = next;
            most_shared = shared;
          }
      }
      if (slices < limits.least_slices || held <= most) continue;
      most = held;
      top = first;
    }
  return top;
}

/// The components below that go on from these cuts.
std::vector<Cut> cuts_below(const Cuts& parts, const std::vector<Cut>& cuts, const AirwayLimits& limits) {
  std::map<std::int32_t, std::int64_t> above;  // voxels of the cuts that each touches
  for (const Cut& cut : cuts)
    for (const auto& [number, shared] : parts.below(cut)) above[number] += cut.voxels();
  std::vector<Cut> next;
  for (const auto& [number, voxels] : above)
    if (goes_on(parts.figures(number).voxels, voxels, limits)) next.push_back(parts.cut(number));
  return next;
}

bool share_a_pixel(const Cut& a, const Cut& b) {
  return std::any_of(a.pixels.begin(), a.pixels.end(), [&](const Pixel& pixel) {
    return std::find(b.pixels.begin(), b.pixels.end(), pixel) != b.pixels.end();
  });
}

}  // namespace

BitVolume find_airways(const Components& air, const std::vector<std::int64_t>& gas, const Components& pieces,
                       const Components& clean_gas, const Index3& shape, const AirwayLimits& limits) {
  BitVolume airways(shape);
  const Cuts of_air(air, shape), of_gas(clean_gas, shape);
  const std::int32_t top = top_of_trachea(of_air, gas, box_of_chest(pieces, shape), shape, limits);
  if (top < 0) return airways;
  std::vector<Cut> cuts{of_air.cut(top)};
  std::int64_t axis_x = cuts[0].centre_x;  // the trachea's, as long as it has not forked
  while (!cuts.empty()) {
    if (cuts.size() == 1 && cuts[0].voxels() >= 2 * limits.least_trachea) axis_x = cuts[0].centre_x;
    for (const Cut& cut : cuts)
      for (const Pixel& pixel : cut.pixels) airways.set(cut.z, pixel.y, pixel.x);
    std::vector<Cut> next = cuts_below(of_air, cuts, limits);
    const std::vector<Cut> through_air = next;
    for (const Cut& cut : cuts_below(of_gas, cuts, limits))
      if (std::none_of(through_air.begin(), through_air.end(),
                       [&](const Cut& other) { return share_a_pixel(cut, other); }))
        next.push_back(cut);
    std::erase_if(next, [&](const Cut& cut) { return std::abs(cut.centre_x - axis_x) > limits.reach; });
    cuts = std::move(next);
  }
  return airways;
}

}  // namespace pleura::kernels::reference
