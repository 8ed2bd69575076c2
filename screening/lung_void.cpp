#include <algorithm>
#include <bit>
#include <numeric>

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

constexpr std::int64_t core_um = 3000;   ///< gas narrower than twice this is no pocket
constexpr std::int64_t rim_um = 4000;    ///< how far a pocket's partial volume reaches
constexpr std::int64_t shell_um = 5000;  ///< of what lies around the rim
constexpr std::int64_t least_core_ul = 500;
constexpr std::int64_t most_vessel_mm2 = 100;  ///< an island in a slice; a collapsed lung is larger
constexpr std::int64_t vessels_share = 1000;   ///< of the emptiest lung at least one voxel in so many is of vessels

/// A distance in mm, but no less than some voxels of the slice.
kernels::Disc disc_of(std::int64_t radius_um, std::int64_t least_voxels, const LungGrid& grid) {
  const std::int64_t spacing = std::max(grid.spacing_um[1], grid.spacing_um[2]);
  return kernels::make_disc(std::max(radius_um, least_voxels * spacing), grid.spacing_um[1], grid.spacing_um[2]);
}

/// How many ones two slices share, and how many the first has alone.
struct Shares {
  std::int64_t both = 0, only = 0;
};
Shares compare(const std::uint64_t* first, const std::uint64_t* second, std::int64_t words) {
  Shares shares;
  for (std::int64_t i = 0; i < words; ++i) {
    shares.both += std::popcount(first[i] & second[i]);
    shares.only += std::popcount(first[i] & ~second[i]);
  }
  return shares;
}

/// The sum over the slices of a component of what measure(z) finds in each.
template <class Measure>
Shares sum_of_slices(const Component& part, const LungGrid& grid, const Measure& measure) {
  std::vector<Shares> of_slice(part.box.high[0] - part.box.low[0]);
  parallel_for(static_cast<std::int64_t>(of_slice.size()), grid.threads,
               [&](std::int64_t k) { of_slice[k] = measure(part.box.low[0] + k); });
  return std::accumulate(of_slice.begin(), of_slice.end(), Shares{}, [](const Shares& a, const Shares& b) {
    return Shares{a.both + b.both, a.only + b.only};
  });
}

/// Does a pocket hold what lung has however empty it is, and the gas of stomach, bowel and pleura has not: vessels,
/// islands of what is no gas?
bool holds_vessels(const BitVolume& pocket, const Component& part, const AirBits& bits, const kernels::Disc& core,
                   const LungGrid& grid) {
  const Shares shares = sum_of_slices(part, grid, [&](std::int64_t z) {
    BitVolume filled({1, grid.shape[1], grid.shape[2]});
    kernels::dilate_slice(pocket.slice(z), grid.shape[1], grid.shape[2], core, filled.words.data());
    kernels::fill_holes(filled, Connectivity::in_slice, grid.pixels(most_vessel_mm2), 1);
    return compare(filled.words.data(), bits.gas.slice(z), filled.slice_words());
  });
  return vessels_share * shares.only >= shares.both;
}

}  // namespace

void remove_gas_pockets(BitVolume& candidates, const Volume& volume, const AirBits& bits, int air_at_most,
                        const LungGrid& grid) {
  const auto [depth, height, width] = grid.shape;
  const kernels::Disc core = disc_of(core_um, 1, grid), rim = disc_of(core_um + rim_um, 3, grid),
                      shell = disc_of(core_um + rim_um + shell_um, 5, grid);
  BitVolume worn(grid.shape);
  parallel_for(depth, grid.threads, [&, rows = height, columns = width](std::int64_t z) {
    kernels::erode_slice(bits.pocket.slice(z), rows, columns, core, worn.slice(z));
  });
  const Components parts = kernels::find_components(worn, Connectivity::in_volume, grid.threads);
  const std::int64_t words = candidates.slice_words();
  for (std::size_t i = 0; i < parts.list.size(); ++i) {
    const Component& part = parts.list[i];
    if (grid.microlitres(part.voxels) < least_core_ul || median_hu(volume, parts, i, grid) > air_at_most) continue;
    std::vector<std::uint8_t> wanted(parts.list.size());
    wanted[i] = 1;
    const BitVolume pocket = kernels::draw(parts, wanted, grid.shape, grid.threads);
    BitVolume taken(grid.shape);
    const Shares around = sum_of_slices(part, grid, [&, rows = height, columns = width](std::int64_t z) {
      std::vector<std::uint64_t> ring(words);
      kernels::dilate_slice(pocket.slice(z), rows, columns, rim, taken.slice(z));
      kernels::dilate_slice(pocket.slice(z), rows, columns, shell, ring.data());
      for (std::int64_t w = 0; w < words; ++w) ring[w] &= ~taken.slice(z)[w];
      return compare(ring.data(), candidates.slice(z), words);
    });
    const bool has_lung_around = around.both >= around.only;
    if (has_lung_around || holds_vessels(pocket, part, bits, core, grid)) continue;
    for (std::size_t w = 0; w < candidates.words.size(); ++w) candidates.words[w] &= ~taken.words[w];
  }
}

}  // namespace pleura::screening
