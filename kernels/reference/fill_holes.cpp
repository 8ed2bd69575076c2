#include "kernels/fill_holes.hpp"

namespace pleura::kernels::reference {

void fill_holes(BitVolume& bits, Connectivity connectivity, std::int64_t max_voxels) {
  const auto [depth, height, width] = bits.shape;
  BitVolume zeros(bits.shape);
  for (std::int64_t z = 0; z < depth; ++z)
    for (std::int64_t y = 0; y < height; ++y)
      for (std::int64_t x = 0; x < width; ++x) zeros.set(z, y, x, !bits.get(z, y, x));
  const Components parts = find_components(zeros, connectivity);
  for (const Run& run : parts.runs) {
    const Component& part = parts.list[run.component];
    bool open = part.box.low[1] == 0 || part.box.high[1] == height || part.box.low[2] == 0 || part.box.high[2] == width;
    if (connectivity == Connectivity::in_volume) open = open || part.box.low[0] == 0 || part.box.high[0] == depth;
    for (std::int64_t x = run.begin; x < run.end && !open && part.voxels <= max_voxels; ++x) bits.set(run.z, run.y, x);
  }
}

}  // namespace pleura::kernels::reference
