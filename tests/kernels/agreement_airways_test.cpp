// Trachea and main bronchi: the same bits on every device.
#include <gtest/gtest.h>

#include "kernels/instruments.hpp"
#include "screening/lung_stages.hpp"

namespace pleura::test {
namespace {

using kernels::BitVolume;
using kernels::Instrument;

struct Tubes {
  BitVolume air, gas;
};

BitVolume expect_same_airways(InstrumentPair& on, const Tubes& tubes, const screening::LungGrid& grid) {
  return on.both([&](Instrument& one) {
    return one.read(screening::find_airways(one, {one.take(tubes.air), one.take(tubes.gas), {}, {}}, grid));
  });
}

/// A disc of a slice.
struct Cut {
  std::int64_t y = 0, x = 0, radius = 0;
};

void paint(BitVolume& bits, std::int64_t z, const Cut& cut) {
  for (std::int64_t y = cut.y - cut.radius; y <= cut.y + cut.radius; ++y)
    for (std::int64_t x = cut.x - cut.radius; x <= cut.x + cut.radius; ++x)
      if (y >= 0 && y < bits.shape[1] && x >= 0 && x < bits.shape[2] &&
          (y - cut.y) * (y - cut.y) + (x - cut.x) * (x - cut.x) <= cut.radius * cut.radius)
        bits.set(z, y, x);
}

/// Two lungs, a piece of air apart, and tubes that slant down from several heights, widen, narrow, fork, meet and touch
/// the lungs; their gas is now all of them, now a core.
Tubes random_tubes(Random& random, const Index3& shape) {
  Tubes bits{BitVolume(shape), BitVolume(shape)};
  const std::int64_t low = random(0, shape[0] / 3), high = random(low, shape[0] - 1);
  for (std::int64_t z = low; z <= high; ++z)
    for (const std::int64_t x : {shape[2] / 8, shape[2] - shape[2] / 8})
      paint(bits.air, z, {shape[1] / 2, x, shape[2] / 8 + random(0, 3)});
  const Cut apart{random(0, shape[1] - 1), random(0, shape[2] - 1), random(2, 9)};
  for (std::int64_t z = shape[0] - random(1, shape[0]); z < shape[0]; ++z) paint(bits.air, z, apart);
  for (int tube = 0; tube < 6; ++tube) {
    Cut cut{random(shape[1] / 4, shape[1] - shape[1] / 4), random(shape[2] / 4, shape[2] - shape[2] / 4), random(2, 5)};
    const std::int64_t core = random(0, 2), slant = random(-3, 3), growth = random(-1, 1);
    for (std::int64_t z = random(shape[0] / 3, shape[0] - 1); z >= 0 && random(0, 24) != 0; --z) {
      paint(bits.air, z, cut);
      paint(bits.gas, z, {cut.y, cut.x, cut.radius - core});
      if (random(0, 2) == 0) {  // a second cut beside it
        paint(bits.air, z, {cut.y, cut.x + random(-9, 9), cut.radius - 1});
        paint(bits.gas, z, {cut.y, cut.x + random(-9, 9), 2});
      }
      const std::int64_t radius = cut.radius + (random(0, 1) == 0 ? growth : random(-1, 1));
      cut = {cut.y + random(-1, 1), cut.x + slant + random(-1, 1), std::clamp<std::int64_t>(radius, 1, 12)};
    }
  }
  for (std::size_t i = 0; i < bits.gas.words.size(); ++i) bits.gas.words[i] &= bits.air.words[i];
  return bits;
}

TEST_P(InstrumentsAgree, OnTheAirwaysOfTubes) {
  Random random;
  InstrumentPair on(GetParam());
  std::int64_t found = 0, volumes = 0;
  for (const Index3& shape : {Index3{1, 1, 1}, {3, 20, 64}, {14, 40, 65}, {24, 50, 130}})
    for (int i = 0; i < 20; ++i) {
      const std::int64_t spacing_um = random(1000, 3000);
      SCOPED_TRACE(random.trace(name(shape) + " of " + std::to_string(spacing_um) + " um"));
      const screening::LungGrid grid{shape, {random(1000, 8000), spacing_um, spacing_um + random(-300, 300)}};
      const std::int64_t voxels = count_ones(expect_same_airways(on, random_tubes(random, shape), grid));
      found += voxels;
      volumes += voxels > 0 ? 1 : 0;
    }
  EXPECT_GT(volumes, 12);
  EXPECT_GT(found, 5000);
}

TEST_P(InstrumentsAgree, OnAirwaysOfAnyLimits) {
  Random random;
  InstrumentPair on(GetParam());
  std::int64_t volumes = 0;
  for (int i = 0; i < 40; ++i) {
    const Index3 shape{random(5, 14), random(20, 40), random(30, 80)};
    const kernels::AirwayLimits limits{random(1, 20),   random(20, 200), random(1, 4), random(1, 6),
                                       random(30, 200), random(0, 9),    random(0, 9)};
    SCOPED_TRACE(random.trace(name(shape) + " within " + std::to_string(limits.reach)));
    const Tubes tubes = random_tubes(random, shape);
    const BitVolume airways = on.both([&](Instrument& one) {
      const auto in_slices = [&](const BitVolume& bits) {
        return one.components(one.take(bits), kernels::Connectivity::in_slice);
      };
      const kernels::Parts air = in_slices(tubes.air);
      const kernels::Parts pieces = one.components(one.take(tubes.air), kernels::Connectivity::in_volume);
      return one.read(one.airways(air, one.count_in(air, one.take(tubes.gas)), pieces, in_slices(tubes.gas), limits));
    });
    volumes += count_ones(airways) > 0 ? 1 : 0;
  }
  EXPECT_GT(volumes, 10);
}

/// Lungs at both sides of slices of 24 x 130, and tubes of gas: cuts at their slices.
Tubes tubes(const std::vector<std::pair<std::int64_t, Cut>>& cuts) {
  const Index3 shape{16, 24, 130};
  Tubes bits{BitVolume(shape), BitVolume(shape)};
  for (std::int64_t z = 0; z < shape[0]; ++z)
    for (const std::int64_t x : {10, 119}) paint(bits.air, z, {12, x, 10});
  for (const auto& [z, cut] : cuts) {
    paint(bits.air, z, cut);
    paint(bits.gas, z, cut);
  }
  return bits;
}

const screening::LungGrid tube_grid{{16, 24, 130}, {5000, 3000, 3000}};

TEST_P(InstrumentsAgree, OnAirwaysThatEndWhereTheMainBronchiDo) {
  InstrumentPair on(GetParam());
  std::vector<std::pair<std::int64_t, Cut>> cuts;
  for (std::int64_t z = 0; z < 16; ++z) cuts.emplace_back(z, Cut{12, 50, 4});
  for (std::int64_t z = 0; z < 14; ++z) cuts.emplace_back(z, Cut{12, 50 + 3 * (14 - z), 3});
  const BitVolume airways = expect_same_airways(on, tubes(cuts), tube_grid);
  EXPECT_TRUE(airways.get(0, 12, 50));
  EXPECT_TRUE(airways.get(8, 12, 50 + 3 * 6));  // 54 mm
  EXPECT_FALSE(airways.get(7, 12, 50 + 3 * 7));
}

TEST_P(InstrumentsAgree, OnAirwaysThatBeginWithTheTubeThatCameFirst) {
  InstrumentPair on(GetParam());
  std::vector<std::pair<std::int64_t, Cut>> cuts;
  for (std::int64_t z = 0; z < 10; ++z) cuts.emplace_back(z, Cut{12, 65, 4});
  for (std::int64_t z = 10; z < 16; ++z) cuts.emplace_back(z, Cut{12, 61, 2});
  for (std::int64_t z = 10; z < 13; ++z) cuts.emplace_back(z, Cut{12, 69, 4});  // larger, had it the rest as well
  const BitVolume airways = expect_same_airways(on, tubes(cuts), tube_grid);
  EXPECT_TRUE(airways.get(15, 12, 61));
  EXPECT_FALSE(airways.get(12, 12, 69));
}

TEST_P(InstrumentsAgree, OnTheAirwaysOfNoise) {
  Random random;
  InstrumentPair on(GetParam());
  for (const Index3& shape : shapes(random)) {
    SCOPED_TRACE(random.trace(name(shape)));
    Tubes bits{draw_bits(random, shape, 0.6), draw_bits(random, shape, 0.8)};
    for (std::size_t i = 0; i < bits.gas.words.size(); ++i) bits.gas.words[i] &= bits.air.words[i];
    static_cast<void>(expect_same_airways(on, bits, {shape, {15'000, 6000, 6000}}));
  }
}

}  // namespace
}  // namespace pleura::test
