// HU into bits, and bits.
#include <algorithm>
#include <limits>

#include "kernels/convex_hull.hpp"
#include "kernels/fill_holes.hpp"
#include "kernels/reference/instrument.hpp"

namespace pleura::kernels::reference {
namespace {

using SliceOperation = void(const std::uint64_t*, std::int64_t, std::int64_t, const Disc&, std::uint64_t*);

Bits slice_by_slice(const Bits& bits, const Disc& disc, SliceOperation* operation) {
  const auto& from = bits.as<BitVolume>();
  BitVolume to(from.shape);
  for (std::int64_t z = 0; z < from.shape[0]; ++z)
    operation(from.slice(z), from.shape[1], from.shape[2], disc, to.slice(z));
  return held<Bits>(std::move(to));
}

/// The voxels for which wants(z, y, x, index) holds.
template <class Wants>
Bits bits_where(const Index3& shape, const Wants& wants) {
  BitVolume bits(shape);
  for_each_voxel(shape, [&](std::int64_t z, std::int64_t y, std::int64_t x, std::size_t index) {
    bits.set(z, y, x, wants(z, y, x, index));
  });
  return held<Bits>(std::move(bits));
}

}  // namespace

Hu NaiveInstrument::take(const std::vector<std::int16_t>& hu, const Index3& shape) {
  return held<Hu>(HuContent{shape, hu});
}

Labels NaiveInstrument::take(const std::vector<std::uint8_t>& labels, const Index3& shape) {
  return held<Labels>(LabelsContent{shape, labels});
}

Bits NaiveInstrument::take(const BitVolume& bits) { return held<Bits>(bits); }

std::vector<std::int16_t> NaiveInstrument::read(const Hu& hu) { return hu.as<HuContent>().values; }

BitVolume NaiveInstrument::read(const Bits& bits) { return bits.as<BitVolume>(); }

std::vector<std::uint8_t> NaiveInstrument::read(const Labels& labels) { return labels.as<LabelsContent>().values; }

std::vector<std::int64_t> NaiveInstrument::read(const Counts& counts) { return counts.as<std::vector<std::int64_t>>(); }

std::vector<Bits> NaiveInstrument::below(const Hu& hu, const GaussianBlur& blur, const std::vector<int>& limits) {
  const auto& [shape, values] = hu.as<HuContent>();
  const std::int64_t height = shape[1], width = shape[2];
  std::vector<std::int16_t> blurred(values.size());
  for (std::int64_t z = 0; z < shape[0]; ++z)
    reference::blur_slice(blur, values.data() + z * height * width, height, width, blurred.data() + z * height * width);
  std::vector<Bits> all;
  for (const int limit : limits)
    all.push_back(bits_where(shape, [&](auto, auto, auto, std::size_t voxel) { return blurred[voxel] < limit; }));
  return all;
}

Bits NaiveInstrument::lowest(const Hu& hu, int below) {
  const auto& [shape, values] = hu.as<HuContent>();
  std::int16_t least = std::numeric_limits<std::int16_t>::max();
  for (const std::int16_t value : values) least = std::min(least, value);
  return bits_where(shape, [&, &all = values](auto, auto, auto, std::size_t voxel) {
    return all[voxel] < below || all[voxel] == least;
  });
}

HuMedian NaiveInstrument::median(const Hu& hu, const Bits& bits) {
  const auto& [shape, values] = hu.as<HuContent>();
  constexpr int lowest = HuCounts::lowest, highest = lowest + HuCounts::size - 1;
  std::vector<int> among;
  for_each_voxel(shape, [&, &all = values](auto z, auto y, auto x, std::size_t voxel) {
    if (bits.as<BitVolume>().get(z, y, x)) among.push_back(std::clamp<int>(all[voxel], lowest, highest));
  });
  std::sort(among.begin(), among.end());
  return {static_cast<std::int64_t>(among.size()), among.empty() ? lowest : among[(among.size() - 1) / 2]};
}

Bits NaiveInstrument::dilate(const Bits& bits, const Disc& disc) {
  return slice_by_slice(bits, disc, reference::dilate_slice);
}

Bits NaiveInstrument::erode(const Bits& bits, const Disc& disc) {
  return slice_by_slice(bits, disc, reference::erode_slice);
}

Bits NaiveInstrument::close(const Bits& bits, const Disc& disc) {
  return slice_by_slice(bits, disc, reference::close_slice);
}

Bits NaiveInstrument::invert(const Bits& bits) {
  const auto& from = bits.as<BitVolume>();
  return bits_where(from.shape, [&](auto z, auto y, auto x, std::size_t) { return !from.get(z, y, x); });
}

Bits NaiveInstrument::combine(const Bits& first, const Bits& second, Combination how) {
  const auto &a = first.as<BitVolume>(), &b = second.as<BitVolume>();
  return bits_where(a.shape, [&](auto z, auto y, auto x, std::size_t) {
    const bool in_a = a.get(z, y, x), in_b = b.get(z, y, x);
    return how == Combination::both ? in_a && in_b : how == Combination::either ? in_a || in_b : in_a && !in_b;
  });
}

Bits NaiveInstrument::hulls(const Bits& bits) {
  const auto& from = bits.as<BitVolume>();
  BitVolume hulls(from.shape);
  for (std::int64_t z = 0; z < from.shape[0]; ++z)
    reference::fill_convex_hull(from.slice(z), from.shape[1], from.shape[2], hulls.slice(z));
  return held<Bits>(std::move(hulls));
}

Bits NaiveInstrument::fill_holes(const Bits& bits, Connectivity connectivity, std::int64_t max_voxels) {
  BitVolume filled = bits.as<BitVolume>();
  reference::fill_holes(filled, connectivity, max_voxels);
  return held<Bits>(std::move(filled));
}

std::int64_t NaiveInstrument::count(const Bits& bits) {
  const auto& from = bits.as<BitVolume>();
  std::int64_t ones = 0;
  for_each_voxel(from.shape, [&](auto z, auto y, auto x, std::size_t) { ones += from.get(z, y, x) ? 1 : 0; });
  return ones;
}

std::vector<SliceFigures> NaiveInstrument::measure(const Bits& bits) {
  const auto& from = bits.as<BitVolume>();
  std::vector<SliceFigures> slices(from.shape[0]);
  for_each_voxel(from.shape, [&](auto z, auto y, auto x, std::size_t) {
    if (!from.get(z, y, x)) return;
    SliceFigures& slice = slices[z];
    const int at[2] = {static_cast<int>(y), static_cast<int>(x)};
    for (int axis = 0; axis < 2; ++axis) {
      slice.low[axis] = slice.voxels == 0 ? at[axis] : std::min(slice.low[axis], at[axis]);
      slice.high[axis] = std::max(slice.high[axis], at[axis] + 1);
    }
    ++slice.voxels;
    slice.sum_x += x;
  });
  return slices;
}

}  // namespace pleura::kernels::reference
