#pragma once
/// Which pieces of air are lung, which tubes of it airway: the method's constants, in one place for host and device
/// (docs/lungs.md). Voxels are counted, so that all is in whole numbers.
#include <cstdint>

#include "kernels/airways.hpp"
#include "kernels/host_device.hpp"

namespace pleura::kernels {

/// Does the air of a slice lie inside the body: half of it in the body's hull, and not both open to the edge or the
/// padding and half of it mere void?
PLEURA_HOST_DEVICE inline bool is_inside_body(std::int64_t voxels, bool open, std::int64_t in_hull,
                                              std::int64_t in_pockets) {
  const std::int64_t half = (voxels + 1) / 2;
  return in_hull >= half && !(open && in_pockets >= half);
}

/// Has consolidation cut a piece of air off from a lung: four fifths of it in the hulls of the lung's cuts, no more
/// than a quarter gas, and not where bowel lies, in the lowest third of the slices [low, high) that the lung takes?
/// `sum_z`: of the z of the piece's voxels.
PLEURA_HOST_DEVICE inline bool is_cut_off(std::int64_t voxels, std::int64_t sum_z, std::int64_t in_hulls,
                                          std::int64_t gas, std::int64_t low, std::int64_t high) {
  return 5 * in_hulls >= 4 * voxels && 4 * gas <= voxels && 3 * sum_z >= (2 * low + high) * voxels;
}

/// May a cut of a slice, with that rectangle around it, be the trachea's: as large as one, round, a third of it gas?
PLEURA_HOST_DEVICE inline bool is_tracheal(std::int64_t voxels, std::int64_t rectangle, std::int64_t gas,
                                           const AirwayLimits& limits) {
  return voxels >= limits.least_trachea && voxels <= limits.most_trachea && 2 * voxels >= rectangle &&
         3 * gas >= voxels;
}

/// Is a cut an airway's that goes on from cuts of so many voxels above: large enough to count, and not so large that
/// air has leaked out?
PLEURA_HOST_DEVICE inline bool goes_on(std::int64_t voxels, std::int64_t above, const AirwayLimits& limits) {
  return above > 0 && voxels >= limits.least_lumen && voxels <= limits.most_lumen &&
         5 * voxels <= 8 * above + 5 * limits.slack;
}

/// Does a piece of air tell where the chest is, beside the largest?
PLEURA_HOST_DEVICE inline bool marks_chest(std::int64_t voxels, std::int64_t largest) { return 8 * voxels >= largest; }

}  // namespace pleura::kernels
