#include "kernels/fill_holes.hpp"

#include "kernels/morphology.hpp"
#include "runtime/parallel.hpp"

namespace pleura::kernels {

void fill_holes(BitVolume& bits, Connectivity connectivity, std::int64_t max_voxels, int threads) {
  BitVolume zeros = bits;
  invert_slice(zeros.words.data(), bits.shape[0] * bits.shape[1], bits.shape[2]);
  const Components found = find_components(zeros, connectivity, threads);
  const Index3 shape = bits.shape;
  const auto is_hole = [&](const Component& part) {
    for (int axis = connectivity == Connectivity::in_slice ? 1 : 0; axis < 3; ++axis)
      if (part.box.low[axis] == 0 || part.box.high[axis] == shape[axis]) return false;
    return part.voxels <= max_voxels;
  };
  parallel_for(bits.shape[0], threads, [&](std::int64_t z) {
    for (std::int64_t i = found.first_run[z]; i < found.first_run[z + 1]; ++i) {
      const Run& run = found.runs[i];
      if (is_hole(found.list[run.component])) fill_bits(bits.row(run.z, run.y), run.begin, run.end, true);
    }
  });
}

}  // namespace pleura::kernels
