#include <algorithm>

#include "pleura/error.hpp"
#include "screening/lung_stages.hpp"

namespace pleura::screening {
namespace {

using kernels::BitVolume;
using kernels::Component;
using kernels::Components;
using kernels::Connectivity;

}  // namespace

LungSides choose_lungs(const AirBits& bits, const BitVolume& airways, const LungGrid& grid) {
  BitVolume candidates = bits.air;
  for (std::size_t i = 0; i < candidates.words.size(); ++i) candidates.words[i] &= ~airways.words[i];
  const Components parts = kernels::find_components(candidates, Connectivity::in_volume, grid.threads);
  const auto gas = kernels::count_in(parts, bits.gas, grid.threads);
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < parts.list.size(); ++i)
    if (grid.microlitres(parts.list[i].voxels) > 100'000 && gas[i] * 4 < parts.list[i].voxels * 3) order.push_back(i);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return parts.list[a].voxels > parts.list[b].voxels; });
  if (order.empty()) throw Error(Status::input_refused, "no lungs found");
  std::vector<std::uint8_t> left(parts.list.size()), right(parts.list.size());
  const auto centre = [&](std::size_t i) { return parts.list[i].index_sum[2] / parts.list[i].voxels; };
  if (order.size() > 1) {
    if (centre(order[0]) > centre(order[1])) std::swap(order[0], order[1]);
    left[order[1]] = 1;
  }
  right[order[0]] = 1;
  return {kernels::draw(parts, left, grid.shape, grid.threads), kernels::draw(parts, right, grid.shape, grid.threads)};
}

}  // namespace pleura::screening
