#include <algorithm>
#include <bit>

#include "kernels/convex_hull.hpp"
#include "kernels/morphology.hpp"
#include "kernels/threshold.hpp"
#include "runtime/parallel.hpp"
#include "screening/lung_stages.hpp"

namespace pleura::screening {
namespace {

using kernels::BitVolume;
using kernels::Components;
using kernels::Connectivity;

/// Does a component of a slice touch the slice's edge?
bool touches_edge(const kernels::Component& part, const Index3& shape) {
  return part.box.low[1] == 0 || part.box.low[2] == 0 || part.box.high[1] == shape[1] || part.box.high[2] == shape[2];
}

/// The lowest HU of a volume.
int lowest_hu(const Volume& volume, const LungGrid& grid) {
  const std::int64_t slice = grid.shape[1] * grid.shape[2];
  std::vector<std::int16_t> lowest(grid.shape[0]);
  parallel_for(grid.shape[0], grid.threads, [&](std::int64_t z) {
    std::int16_t least = volume.hu[z * slice];
    for (std::int64_t i = z * slice; i < (z + 1) * slice; ++i) least = std::min(least, volume.hu[i]);
    lowest[z] = least;
  });
  return *std::min_element(lowest.begin(), lowest.end());
}

/// Padding around the field of view: the lowest values there are, solid (all of 3 x 3), reaching the slice's edge.
BitVolume find_padding(const Volume& volume, const LungGrid& grid) {
  const int below_hu = std::max(lowest_hu(volume, grid), padding_at_most) + 1;
  const std::int64_t height = grid.shape[1], width = grid.shape[2];
  const kernels::Disc square{{1, 1}};
  BitVolume solid(grid.shape);
  parallel_for(grid.shape[0], grid.threads, [&](std::int64_t z) {
    std::vector<std::uint64_t> low(solid.slice_words());
    kernels::threshold_slice(volume.hu.data() + z * height * width, height, width, below_hu, low.data());
    kernels::erode_slice(low.data(), height, width, square, solid.slice(z));
  });
  const Components parts = kernels::find_components(solid, Connectivity::in_slice, grid.threads);
  std::vector<std::uint8_t> wanted(parts.list.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) wanted[i] = touches_edge(parts.list[i], grid.shape);
  const BitVolume cores = kernels::draw(parts, wanted, grid.shape, grid.threads);
  BitVolume padding(grid.shape);
  parallel_for(grid.shape[0], grid.threads,
               [&](std::int64_t z) { kernels::dilate_slice(cores.slice(z), height, width, square, padding.slice(z)); });
  return padding;
}

/// Per slice the convex hull of the body: of the largest piece of tissue that stays when tables and clothes, being
/// thin, are worn away.
BitVolume find_body_hull(const BitVolume& air, const BitVolume& padding, const LungGrid& grid) {
  const std::int64_t height = grid.shape[1], width = grid.shape[2];
  const kernels::Disc disc = kernels::make_disc(table_shell_um, grid.spacing_um[1], grid.spacing_um[2]);
  BitVolume thick(grid.shape), hull(grid.shape);
  parallel_for(grid.shape[0], grid.threads, [&](std::int64_t z) {
    std::vector<std::uint64_t> hollow(air.slice_words());
    for (std::int64_t i = 0; i < air.slice_words(); ++i) hollow[i] = air.slice(z)[i] | padding.slice(z)[i];
    kernels::dilate_slice(hollow.data(), height, width, disc, thick.slice(z));
    kernels::invert_slice(thick.slice(z), height, width);
  });
  const Components parts = kernels::find_components(thick, Connectivity::in_volume, grid.threads);
  if (parts.list.empty()) return hull;
  const auto by_voxels = [](const kernels::Component& a, const kernels::Component& b) { return a.voxels < b.voxels; };
  std::vector<std::uint8_t> wanted(parts.list.size());
  wanted[std::max_element(parts.list.begin(), parts.list.end(), by_voxels) - parts.list.begin()] = 1;
  const BitVolume body = kernels::draw(parts, wanted, grid.shape, grid.threads);
  parallel_for(grid.shape[0], grid.threads, [&](std::int64_t z) {
    kernels::fill_hull(kernels::convex_hull(body.slice(z), height, width), width, hull.slice(z));
  });
  return hull;
}

}  // namespace

kernels::GaussianBlur air_blur(const LungGrid& grid) {
  const auto weights = [&](int axis) {
    return kernels::gaussian_weights(air_blur_mm * 1000 / static_cast<double>(grid.spacing_um[axis]));
  };
  return {weights(1), weights(2)};
}

LungGrid in_adult_lengths(const LungGrid& grid, const BitVolume& body) {
  std::int64_t widest = 0;
  for (std::int64_t z = 0; z < grid.shape[0]; ++z) {
    std::int64_t low = grid.shape[2], high = 0;
    for (std::int64_t y = 0; y < grid.shape[1]; ++y)
      for (std::int64_t word = 0; word < body.row_words; ++word) {
        const std::uint64_t ones = body.row(z, y)[word];
        if (ones == 0) continue;
        low = std::min(low, word * 64 + std::countr_zero(ones));
        high = std::max(high, word * 64 + 64 - std::countl_zero(ones));
      }
    widest = std::max(widest, high - low);
  }
  const std::int64_t width_um = widest * grid.spacing_um[2];
  if (width_um == 0 || width_um >= adult_width_um) return grid;
  LungGrid adult = grid;
  adult.permille = std::max(least_permille, width_um * 1000 / adult_width_um);
  for (std::int64_t& spacing : adult.spacing_um) spacing = spacing * 1000 / adult.permille;
  return adult;
}

BitVolume below(const Volume& volume, int limit, const LungGrid& grid) {
  BitVolume bits(grid.shape);
  const std::int64_t height = grid.shape[1], width = grid.shape[2];
  const kernels::GaussianBlur blur = air_blur(grid);
  parallel_for(grid.shape[0], grid.threads, [&](std::int64_t z) {
    std::vector<std::int16_t> blurred(height * width);
    kernels::blur_slice(blur, volume.hu.data() + z * height * width, height, width, blurred.data());
    kernels::threshold_slice(blurred.data(), height, width, limit, bits.slice(z));
  });
  return bits;
}

AirBits find_air(const Volume& volume, const LungGrid& grid) {
  AirBits bits{BitVolume(grid.shape), BitVolume(grid.shape), BitVolume(grid.shape), {}};
  const BitVolume padding = find_padding(volume, grid);
  BitVolume beside_padding(grid.shape);
  const std::int64_t height = grid.shape[1], width = grid.shape[2];
  const kernels::GaussianBlur blur = air_blur(grid);
  const kernels::Disc cross{{1, 0}};
  parallel_for(grid.shape[0], grid.threads, [&](std::int64_t z) {
    std::vector<std::int16_t> blurred(height * width);
    kernels::blur_slice(blur, volume.hu.data() + z * height * width, height, width, blurred.data());
    kernels::threshold_slice(blurred.data(), height, width, air_below, bits.air.slice(z));
    kernels::threshold_slice(blurred.data(), height, width, gas_below, bits.gas.slice(z));
    kernels::threshold_slice(blurred.data(), height, width, pocket_below, bits.pocket.slice(z));
    kernels::dilate_slice(padding.slice(z), height, width, cross, beside_padding.slice(z));
    for (std::int64_t i = 0; i < bits.air.slice_words(); ++i) bits.air.slice(z)[i] &= ~padding.slice(z)[i];
  });

  // Around the body is what lies beyond its hull, or reaches the edge or the padding and is mostly void: lung that the
  // field of view cuts is not.
  const Components parts = kernels::find_components(bits.air, Connectivity::in_slice, grid.threads);
  const auto pocket = kernels::count_in(parts, bits.pocket, grid.threads);
  const auto by_padding = kernels::count_in(parts, beside_padding, grid.threads);
  bits.body = find_body_hull(bits.air, padding, grid);
  const auto in_hull = kernels::count_in(parts, bits.body, grid.threads);
  std::vector<std::uint8_t> inside(parts.list.size());
  for (std::size_t i = 0; i < inside.size(); ++i) {
    const bool open = by_padding[i] > 0 || touches_edge(parts.list[i], grid.shape);
    const std::int64_t half = (parts.list[i].voxels + 1) / 2;
    inside[i] = in_hull[i] >= half && !(open && pocket[i] >= half);
  }
  bits.air = kernels::draw(parts, inside, grid.shape, grid.threads);
  for (std::size_t i = 0; i < bits.air.words.size(); ++i) {
    bits.gas.words[i] &= bits.air.words[i];
    bits.pocket.words[i] &= bits.air.words[i];
  }
  return bits;
}

}  // namespace pleura::screening
