#include "kernels/fill_holes.hpp"
#include "kernels/morphology.hpp"
#include "runtime/parallel.hpp"
#include "screening/lung_stages.hpp"

namespace pleura::screening {
namespace {

using kernels::BitVolume;
using kernels::Connectivity;

}  // namespace

void complete_lungs(LungSides& lungs, const BitVolume& airways, const LungGrid& grid) {
  (void)airways;
  const kernels::Disc disc = kernels::make_disc(8000, grid.spacing_um[1], grid.spacing_um[2]);
  for (BitVolume* lung : {&lungs.left, &lungs.right}) {
    BitVolume closed(grid.shape);
    parallel_for(grid.shape[0], grid.threads, [&](std::int64_t z) {
      kernels::close_slice(lung->slice(z), grid.shape[1], grid.shape[2], disc, closed.slice(z));
    });
    kernels::fill_holes(closed, Connectivity::in_volume, grid.shape[0] * grid.shape[1] * grid.shape[2], grid.threads);
    kernels::fill_holes(closed, Connectivity::in_slice, grid.pixels(400), grid.threads);
    *lung = std::move(closed);
  }
  for (std::size_t i = 0; i < lungs.left.words.size(); ++i) lungs.right.words[i] &= ~lungs.left.words[i];
}

}  // namespace pleura::screening
