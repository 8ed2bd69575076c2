// Trachea and main bronchi put together out of kernels, as a pipeline would queue them: the CPU's bits.
#include "kernels/cuda/airways.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "device_array.hpp"
#include "device_components.hpp"
#include "kernels/cuda/morphology.hpp"
#include "pleura/pleura.hpp"
#include "runtime/cuda/stream.hpp"
#include "screening/lung_stages.hpp"
#include "screening/synthetic_chest.hpp"
#include "shared_data.hpp"

namespace pleura::test {
namespace {

using kernels::BitVolume;
using kernels::Connectivity;
namespace cuda = kernels::cuda;

/// Components that are each of one slice, with what is written of them.
struct DeviceParts {
  DeviceComponents components;
  DeviceArray<std::uint8_t> is_airway;
  DeviceArray<unsigned long long> parents;
  DeviceArray<unsigned> marks;

  DeviceParts(const Index3& shape, std::size_t room)
      : components(shape, room), is_airway(room), parents(room), marks(room) {}

  [[nodiscard]] cuda::AirwayParts buffers() const {
    return {components.buffers(), is_airway.data(), parents.data(), marks.data()};
  }
};

BitVolume find_airways(const screening::AirBits& bits, const screening::LungGrid& grid, std::size_t room) {
  const runtime::cuda::Stream stream;
  const Index3& shape = grid.shape;
  const kernels::AirwayLimits limits = screening::airway_limits(grid);
  const DeviceBits air(bits.air.words), gas(bits.gas.words), worn(bits.gas.words.size()), clean(bits.gas.words.size());
  const DeviceParts of_air(shape, room), of_gas(shape, room);
  const DeviceComponents pieces(shape, room);
  const DeviceArray<unsigned long long> gas_of_air(room);
  const DeviceArray<cuda::AirwayStart> start(1);
  const auto disc = [&](std::int64_t radius_um) {
    return kernels::make_disc(radius_um, grid.spacing_um[1], grid.spacing_um[2]);
  };
  cuda::find_components(air.data(), shape, Connectivity::in_slice, of_air.components.buffers(), stream.get());
  cuda::find_components(air.data(), shape, Connectivity::in_volume, pieces.buffers(), stream.get());
  cuda::count_in(of_air.components.buffers(), shape, gas.data(), gas_of_air.data(), stream.get());
  cuda::find_trachea(of_air.buffers(), gas_of_air.data(), pieces.buffers(), shape, limits, start.data(), stream.get());
  cuda::erode(gas.data(), worn.data(), shape, disc(screening::airway_speckle_um), stream.get());
  cuda::dilate(worn.data(), clean.data(), shape, disc(screening::airway_speckle_um), stream.get());
  cuda::find_components(clean.data(), shape, Connectivity::in_slice, of_gas.components.buffers(), stream.get());
  cuda::follow_airways(of_air.buffers(), of_gas.buffers(), shape, limits, start.data(), stream.get());
  const auto words = static_cast<std::int64_t>(bits.air.words.size());
  cuda::draw(of_air.components.buffers(), shape, of_air.is_airway.data(), worn.data(), stream.get());
  cuda::draw(of_gas.components.buffers(), shape, of_gas.is_airway.data(), clean.data(), stream.get());
  cuda::combine(worn.data(), clean.data(), worn.data(), words, cuda::BitCombination::either, stream.get());
  cuda::dilate(worn.data(), clean.data(), shape, disc(screening::airway_wall_um), stream.get());
  cuda::combine(clean.data(), air.data(), clean.data(), words, cuda::BitCombination::both, stream.get());
  for (const DeviceParts* parts : {&of_air, &of_gas}) {
    static_cast<void>(parts->is_airway.download());
    static_cast<void>(parts->parents.download());
    static_cast<void>(parts->marks.download());
  }
  static_cast<void>(start.download());
  BitVolume airways(shape);
  airways.words = clean.download();
  return airways;
}

/// Returns the CPU's.
BitVolume expect_like_the_cpu(const screening::AirBits& bits, const screening::LungGrid& grid) {
  BitVolume expected = screening::find_airways(bits, grid);
  EXPECT_EQ(find_airways(bits, grid, most_runs(grid.shape)).words, expected.words);
  return expected;
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
screening::AirBits random_tubes(Random& random, const Index3& shape) {
  screening::AirBits bits{BitVolume(shape), BitVolume(shape), BitVolume(shape), BitVolume(shape)};
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

TEST(CudaAirways, OfTubesAreTheCpus) {
  Random random;
  std::int64_t found = 0, volumes = 0;
  for (const Index3& shape : {Index3{1, 1, 1}, {3, 20, 64}, {14, 40, 65}, {24, 50, 130}})
    for (int i = 0; i < 20; ++i) {
      const std::int64_t spacing_um = random(1000, 3000);
      SCOPED_TRACE(random.trace(name(shape) + " of " + std::to_string(spacing_um) + " um"));
      const screening::LungGrid grid{shape, {random(1000, 8000), spacing_um, spacing_um + random(-300, 300)}, 1};
      const std::int64_t voxels = count_ones(expect_like_the_cpu(random_tubes(random, shape), grid));
      found += voxels;
      volumes += voxels > 0 ? 1 : 0;
    }
  EXPECT_GT(volumes, 12);
  EXPECT_GT(found, 5000);
}

/// Lungs at both sides of slices of 24 x 130, and tubes of gas: cuts at their slices.
screening::AirBits tubes(const std::vector<std::pair<std::int64_t, Cut>>& cuts) {
  const Index3 shape{16, 24, 130};
  screening::AirBits bits{BitVolume(shape), BitVolume(shape), BitVolume(shape), BitVolume(shape)};
  for (std::int64_t z = 0; z < shape[0]; ++z)
    for (const std::int64_t x : {10, 119}) paint(bits.air, z, {12, x, 10});
  for (const auto& [z, cut] : cuts) {
    paint(bits.air, z, cut);
    paint(bits.gas, z, cut);
  }
  return bits;
}

const screening::LungGrid tube_grid{{16, 24, 130}, {5000, 3000, 3000}, 1};

TEST(CudaAirways, EndWhereTheMainBronchiDo) {
  std::vector<std::pair<std::int64_t, Cut>> cuts;
  for (std::int64_t z = 0; z < 16; ++z) cuts.emplace_back(z, Cut{12, 50, 4});
  for (std::int64_t z = 0; z < 14; ++z) cuts.emplace_back(z, Cut{12, 50 + 3 * (14 - z), 3});
  const BitVolume airways = expect_like_the_cpu(tubes(cuts), tube_grid);
  EXPECT_TRUE(airways.get(0, 12, 50));
  EXPECT_TRUE(airways.get(8, 12, 50 + 3 * 6));  // 54 mm
  EXPECT_FALSE(airways.get(7, 12, 50 + 3 * 7));
}

TEST(CudaAirways, BeginWithTheTubeThatCameFirst) {
  std::vector<std::pair<std::int64_t, Cut>> cuts;
  for (std::int64_t z = 0; z < 10; ++z) cuts.emplace_back(z, Cut{12, 65, 4});
  for (std::int64_t z = 10; z < 16; ++z) cuts.emplace_back(z, Cut{12, 61, 2});
  for (std::int64_t z = 10; z < 13; ++z) cuts.emplace_back(z, Cut{12, 69, 4});  // larger, had it the rest as well
  const BitVolume airways = expect_like_the_cpu(tubes(cuts), tube_grid);
  EXPECT_TRUE(airways.get(15, 12, 61));
  EXPECT_FALSE(airways.get(12, 12, 69));
}

TEST(CudaAirways, OfNoiseAreTheCpus) {
  Random random;
  for (const Index3& shape : shapes(random)) {
    SCOPED_TRACE(random.trace(name(shape)));
    const auto draw = [&](double density) {
      return random_bits(shape, density, static_cast<std::uint32_t>(random(0, 1 << 30)));
    };
    screening::AirBits bits{draw(0.6), draw(0.8), draw(0.5), draw(0.5)};
    for (std::size_t i = 0; i < bits.gas.words.size(); ++i) bits.gas.words[i] &= bits.air.words[i];
    expect_like_the_cpu(bits, {shape, {15'000, 6000, 6000}, 1});
  }
}

TEST(CudaAirways, OfAChestAreTheCpus) {
  for (const int lung_hu : {-850, -940}) {
    ChestOptions options;
    options.spacing = {10, 3, 3};
    options.lung_hu = lung_hu;
    const Volume volume = make_chest(options).volume;
    const screening::LungGrid grid{volume.geometry.shape, {10'000, 3000, 3000}, 1};
    const screening::AirBits bits = screening::find_air(volume, grid);
    EXPECT_GT(count_ones(expect_like_the_cpu(bits, grid)), 200);
  }
}

/// A child's lengths are in its grid.
TEST(CudaAirways, OfAChildAreTheCpus) {
  ChestOptions options;
  options.spacing = {10, 3, 3};
  Volume volume = make_chest(options).volume;
  for (double& spacing : volume.geometry.spacing) spacing *= 0.4;
  const screening::LungGrid grid{volume.geometry.shape, {4000, 1200, 1200}, 1};
  const screening::AirBits bits = screening::find_air(volume, grid);
  const screening::LungGrid adult = screening::in_adult_lengths(grid, bits.body);
  EXPECT_LT(adult.permille, 600);
  EXPECT_GT(count_ones(expect_like_the_cpu(bits, adult)), 200);
}

TEST(CudaAirways, OfARealCtAreTheCpus) {
  PLEURA_NEED_SHARED_DATA("lung-masks");
  const Volume volume = read_ct(shared_data("lung-masks/id001-128x128x64.nii.gz"));
  const auto um = [&](int axis) {
    return static_cast<std::int64_t>(std::lround(volume.geometry.spacing[axis] * 1000));
  };
  const screening::LungGrid grid{volume.geometry.shape, {um(0), um(1), um(2)}, 1};
  EXPECT_GT(count_ones(expect_like_the_cpu(screening::find_air(volume, grid), grid)), 100);
}

TEST(CudaAirways, WriteNothingWhereTheComponentsDoNotFit) {
  Random random;
  const Index3 shape{14, 40, 65};
  static_cast<void>(find_airways(random_tubes(random, shape), {shape, {5000, 1500, 1500}, 1}, 1));  // guard bands
}

}  // namespace
}  // namespace pleura::test
