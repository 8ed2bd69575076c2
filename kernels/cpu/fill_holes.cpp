#include "kernels/fill_holes.hpp"

#include "runtime/parallel.hpp"

namespace pleura::kernels {

void fill_holes(BitVolume& bits, Connectivity connectivity, std::int64_t max_voxels, int threads) {
  const auto [depth, height, width] = bits.shape;
  BitVolume zeros(bits.shape);
  for (std::size_t i = 0; i < bits.words.size(); ++i) zeros.words[i] = ~bits.words[i];
  if (width % 64 != 0)
    for (std::size_t i = bits.row_words - 1; i < bits.words.size(); i += bits.row_words)
      zeros.words[i] &= ~std::uint64_t{0} >> (64 - width % 64);
  const Components found = find_components(zeros, connectivity, threads);
  const Index3 shape = bits.shape;
  const auto is_hole = [&](const Component& part) {
    for (int axis = connectivity == Connectivity::in_slice ? 1 : 0; axis < 3; ++axis)
      if (part.box.low[axis] == 0 || part.box.high[axis] == shape[axis]) return false;
    return part.voxels <= max_voxels;
  };
  parallel_for(depth, threads, [&](std::int64_t z) {
    for (std::int64_t i = found.first_run[z]; i < found.first_run[z + 1]; ++i) {
      const Run& run = found.runs[i];
      if (is_hole(found.list[run.component])) fill_bits(bits.row(run.z, run.y), run.begin, run.end, true);
    }
  });
}

}  // namespace pleura::kernels
