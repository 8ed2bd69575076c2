// Components, and what is made of them.
#include <algorithm>

#include "kernels/grow_apart.hpp"
#include "kernels/reference/instrument.hpp"
#include "kernels/rules.hpp"

namespace pleura::kernels::reference {
namespace {

const std::vector<std::int64_t>& values_of(const Counts& counts) { return counts.as<std::vector<std::int64_t>>(); }

bool is_open(const Component& part, const Index3& shape) {
  return part.box.low[1] == 0 || part.box.low[2] == 0 || part.box.high[1] == shape[1] || part.box.high[2] == shape[2];
}

/// Which components a rule wants, by their numbers.
struct Wanted {
  const Index3& shape;
  const std::vector<Component>& list;

  template <class Wants>
  std::vector<bool> where(const Wants& wants) const {
    std::vector<bool> wanted;
    for (std::size_t i = 0; i < list.size(); ++i) wanted.push_back(wants(list[i], i));
    return wanted;
  }
  std::vector<bool> operator()(const AtEdge& /*rule*/) const {
    return where([&](const Component& part, std::size_t) { return is_open(part, shape); });
  }
  std::vector<bool> operator()(const Largest& /*rule*/) const {
    std::size_t largest = 0;
    for (std::size_t i = 0; i < list.size(); ++i)
      if (list[i].voxels > list[largest].voxels) largest = i;
    return where([&](const Component&, std::size_t i) { return i == largest; });
  }
  std::vector<bool> operator()(const Only& rule) const {
    return where([&](const Component&, std::size_t i) { return static_cast<std::int64_t>(i) == rule.number; });
  }
  std::vector<bool> operator()(const InsideBody& rule) const {
    return where([&](const Component& part, std::size_t i) {
      const bool open = is_open(part, shape) || values_of(rule.by_padding)[i] > 0;
      return is_inside_body(part.voxels, open, values_of(rule.in_hull)[i], values_of(rule.in_pockets)[i]);
    });
  }
  std::vector<bool> operator()(const CutOff& rule) const {
    const auto& own = values_of(rule.own);
    std::int64_t low = shape[0], high = 0;  // slices of the lung's own
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (own[i] == 0) continue;
      low = std::min(low, list[i].box.low[0]);
      high = std::max(high, list[i].box.high[0]);
    }
    return where([&](const Component& part, std::size_t i) {
      return own[i] == 0 && part.voxels >= rule.least_voxels &&
             is_cut_off(part.voxels, part.index_sum[0], values_of(rule.in_hulls)[i], values_of(rule.gas)[i], low, high);
    });
  }
};

}  // namespace

Parts NaiveInstrument::components(const Bits& bits, Connectivity connectivity) {
  const auto& from = bits.as<BitVolume>();
  return held<Parts>(PartsContent{from.shape, reference::find_components(from, connectivity)});
}

Counts NaiveInstrument::count_in(const Parts& parts, const Bits& bits) {
  const auto& [shape, found] = parts.as<PartsContent>();
  std::vector<std::int64_t> counts(found.list.size());
  for (const Run& run : found.runs)
    for (std::int64_t x = run.begin; x < run.end; ++x)
      if (bits.as<BitVolume>().get(run.z, run.y, x)) ++counts[run.component];
  return held<Counts>(std::move(counts));
}

Bits NaiveInstrument::draw(const Parts& parts, const Rule& rule) {
  const auto& [shape, found] = parts.as<PartsContent>();
  const std::vector<bool> wanted = std::visit(Wanted{shape, found.list}, rule);
  BitVolume drawn(shape);
  for (const Run& run : found.runs)
    for (std::int64_t x = run.begin; x < run.end && wanted[run.component]; ++x) drawn.set(run.z, run.y, x);
  return held<Bits>(std::move(drawn));
}

std::vector<ListedPart> NaiveInstrument::list(const Parts& parts, std::int64_t least, std::int64_t share) {
  const std::vector<Component>& all = parts.as<PartsContent>().found.list;
  std::int64_t largest = 0;
  for (const Component& part : all) largest = std::max(largest, part.voxels);
  std::vector<ListedPart> listed;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].voxels >= least && (share == 0 || all[i].voxels * share >= largest))
      listed.push_back({static_cast<std::int32_t>(i), all[i]});
  return listed;
}

Bits NaiveInstrument::airways(const Parts& air, const Counts& gas, const Parts& pieces, const Parts& clean_gas,
                              const AirwayLimits& limits) {
  const auto& [shape, cuts] = air.as<PartsContent>();
  return held<Bits>(reference::find_airways(cuts, values_of(gas), pieces.as<PartsContent>().found,
                                            clean_gas.as<PartsContent>().found, shape, limits));
}

std::pair<Bits, Bits> NaiveInstrument::grow_apart(const Bits& left, const Bits& right, const Bits& joined,
                                                  std::int64_t period) {
  BitVolume to_left = left.as<BitVolume>(), to_right = right.as<BitVolume>();
  reference::grow_apart(to_left, to_right, joined.as<BitVolume>(), period);
  return {held<Bits>(std::move(to_left)), held<Bits>(std::move(to_right))};
}

Bits NaiveInstrument::add_costal_pockets(const Bits& lung, const CostalPockets& how) {
  BitVolume completed = lung.as<BitVolume>();
  reference::add_costal_pockets(completed, how);
  return held<Bits>(std::move(completed));
}

Labels NaiveInstrument::label(const Bits& left, const Bits& right) {
  const auto &ones = left.as<BitVolume>(), &twos = right.as<BitVolume>();
  LabelsContent labels{ones.shape, {}};
  for_each_voxel(ones.shape, [&](auto z, auto y, auto x, std::size_t) {
    labels.values.push_back(static_cast<std::uint8_t>(twos.get(z, y, x) ? 2 : ones.get(z, y, x) ? 1 : 0));
  });
  return held<Labels>(std::move(labels));
}

}  // namespace pleura::kernels::reference
