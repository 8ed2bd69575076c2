// Lungs completed by what their air encloses or leans on: the same bits on every device.
#include <gtest/gtest.h>

#include "kernels/instruments.hpp"
#include "screening/lung_stages.hpp"

namespace pleura::test {
namespace {

using kernels::BitVolume;
using kernels::Instrument;

/// Sets or clears the voxels of a slice in rows [low_y, high_y) and columns [low_x, high_x), as far as they are in it.
void fill(BitVolume& bits, std::int64_t z, const kernels::Pixel& low, const kernels::Pixel& high, bool value) {
  for (std::int64_t y = std::max<std::int64_t>(0, low.y); y < std::min(bits.shape[1], high.y); ++y)
    for (std::int64_t x = std::max<std::int64_t>(0, low.x); x < std::min(bits.shape[2], high.x); ++x)
      bits.set(z, y, x, value);
}

/// In each slice a square with a notch in one of its sides, and discs of several sizes.
BitVolume random_blobs(Random& random, const Index3& shape) {
  BitVolume blobs(shape);
  for (std::int64_t z = 0; z < shape[0]; ++z) {
    const std::int64_t side = random(12, 20), y = random(0, shape[1]), x = random(0, shape[2]);
    const std::int64_t wide = random(4, 9), deep = random(2, 6), along = random(1, side - wide - 1);
    fill(blobs, z, {y, x}, {y + side, x + side}, true);
    const std::int64_t across = random(0, 1) * (side - deep);
    if (random(0, 1) == 0)
      fill(blobs, z, {y + across, x + along}, {y + across + deep, x + along + wide}, false);
    else
      fill(blobs, z, {y + along, x + across}, {y + along + wide, x + across + deep}, false);
    for (int i = 0; i < 3; ++i) {
      const std::int64_t radius = random(1, 9), v = random(0, shape[1] - 1), u = random(0, shape[2] - 1);
      for (std::int64_t dy = -radius; dy <= radius; ++dy)
        for (std::int64_t dx = -radius; dx <= radius; ++dx)
          if (dy * dy + dx * dx <= radius * radius) fill(blobs, z, {v + dy, u + dx}, {v + dy + 1, u + dx + 1}, true);
    }
  }
  return blobs;
}

TEST_P(InstrumentsAgree, OnBlobsCompletedAsLungs) {
  Random random;
  InstrumentPair on(GetParam());
  std::int64_t pockets = 0;
  for (const Index3& shape : {Index3{1, 1, 1}, {2, 23, 63}, {5, 40, 65}, {9, 51, 50}, {5, 29, 130}})
    for (const std::int64_t spacing_um : {3000, 5000, 11'000}) {
      SCOPED_TRACE(random.trace(name(shape) + " of " + std::to_string(spacing_um) + " um"));
      const BitVolume left = random_blobs(random, shape), airways = draw_bits(random, shape, 0.02),
                      body = draw_bits(random, shape, 0.98);
      BitVolume right = random_blobs(random, shape);
      for (std::size_t i = 0; i < left.words.size(); ++i) right.words[i] &= ~left.words[i];
      const screening::LungGrid grid{shape, {5000, spacing_um, spacing_um + random(-500, 500)}};
      on.both([&](Instrument& one) {
        const auto sides =
            screening::complete_lungs(one, {one.take(left), one.take(right)}, one.take(airways), one.take(body), grid);
        return std::pair(one.read(sides.left), one.read(sides.right));
      });
      const kernels::CostalPockets how{grid.spacing_um[1],
                                       grid.spacing_um[2],
                                       true,
                                       shape[1],
                                       grid.pixels(screening::least_cut_mm2),
                                       grid.pixels(screening::most_pocket_mm2),
                                       screening::most_edge_um};
      const auto add = [&](Instrument& one, const kernels::Bits& lung) { return one.add_costal_pockets(lung, how); };
      pockets += count_ones(on.bits(add, left)) - count_ones(left);
    }
  EXPECT_GT(pockets, 100);
}

}  // namespace
}  // namespace pleura::test
