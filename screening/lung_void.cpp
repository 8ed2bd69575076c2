#include <algorithm>
#include <bit>
#include <tuple>

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

/// A distance in mm, but no less than some voxels of the slice.
kernels::Disc disc_of(std::int64_t radius_um, std::int64_t least_voxels, const LungGrid& grid) {
  const std::int64_t spacing = std::max(grid.spacing_um[1], grid.spacing_um[2]);
  return kernels::make_disc(std::max(radius_um, least_voxels * spacing), grid.spacing_um[1], grid.spacing_um[2]);
}

/// How many ones two slices share, and how many the first has alone.
std::pair<std::int64_t, std::int64_t> compare(const std::vector<std::uint64_t>& shell, const std::uint64_t* air) {
  std::int64_t both = 0, only = 0;
  for (std::size_t i = 0; i < shell.size(); ++i) {
    both += std::popcount(shell[i] & air[i]);
    only += std::popcount(shell[i] & ~air[i]);
  }
  return {both, only};
}

}  // namespace

void remove_gas_pockets(BitVolume& candidates, const AirBits& bits, const LungGrid& grid) {
  const auto [depth, height, width] = grid.shape;
  const kernels::Disc core = disc_of(core_um, 1, grid), rim = disc_of(core_um + rim_um, 3, grid),
                      shell = disc_of(core_um + rim_um + shell_um, 5, grid);
  BitVolume worn(grid.shape);
  parallel_for(depth, grid.threads, [&, rows = height, columns = width](std::int64_t z) {
    kernels::erode_slice(bits.pocket.slice(z), rows, columns, core, worn.slice(z));
  });
  const Components parts = kernels::find_components(worn, Connectivity::in_volume, grid.threads);
  std::int64_t air = 0;
  for (const std::uint64_t word : candidates.words) air += std::popcount(word);
  const std::int64_t words = candidates.slice_words();
  for (std::size_t i = 0; i < parts.list.size(); ++i) {
    const Component& part = parts.list[i];
    // A quarter of all air is lung, however empty it looks.
    if (grid.microlitres(part.voxels) < least_core_ul || 4 * part.voxels > air) continue;
    std::vector<std::uint8_t> wanted(parts.list.size());
    wanted[i] = 1;
    const BitVolume pocket = kernels::draw(parts, wanted, grid.shape, grid.threads);
    BitVolume taken(grid.shape);
    std::vector<std::int64_t> in_air(depth), in_tissue(depth);
    parallel_for(part.box.high[0] - part.box.low[0], grid.threads, [&, rows = height, columns = width](std::int64_t k) {
      const std::int64_t z = part.box.low[0] + k;
      std::vector<std::uint64_t> around(words);
      kernels::dilate_slice(pocket.slice(z), rows, columns, rim, taken.slice(z));
      kernels::dilate_slice(pocket.slice(z), rows, columns, shell, around.data());
      for (std::int64_t w = 0; w < words; ++w) around[w] &= ~taken.slice(z)[w];
      std::tie(in_air[z], in_tissue[z]) = compare(around, candidates.slice(z));
    });
    std::int64_t air_around = 0, tissue_around = 0;
    for (std::int64_t z = 0; z < depth; ++z) {
      air_around += in_air[z];
      tissue_around += in_tissue[z];
    }
    if (air_around >= tissue_around) continue;
    for (std::size_t w = 0; w < candidates.words.size(); ++w) candidates.words[w] &= ~taken.words[w];
  }
}

}  // namespace pleura::screening
