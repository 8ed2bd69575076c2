// What goes between host and device: a CT up once, its regions down. On the emulator, which counts.
#include <cuda_emulator.h>
#include <gtest/gtest.h>

#include "tiny_engine.hpp"

namespace pleura::test {
namespace {

constexpr std::uint64_t most_down = 10'000;  ///< down, of a CT
constexpr std::uint64_t of_tables =
    60'000;  ///< up, beside its voxels: taps of the grid's axes and of 8 regions' patches

struct Traffic : emulator::Counts {
  Index3 network_shape{};
};

Traffic screen(Engine& engine, const Volume& volume) {
  const emulator::Counts before = emulator::counts();
  const Result result = TinyCase::screen(engine, volume, 8);
  EXPECT_EQ(result.regions.size(), 8U);
  return {emulator::counts() - before, result.run.network_shape};
}

TEST(CudaTraffic, ACtGoesUpOnceAndItsRegionsComeDown) {
  const TinyCase tiny;
  Engine engine = tiny.engine("cuda");
  static_cast<void>(screen(engine, tiny.volume()));  // which also plans and packs
  const Traffic again = screen(engine, tiny.volume());
  const std::uint64_t voxels = tiny.volume().hu.size() * sizeof(std::int16_t);
  EXPECT_GE(again.uploaded_bytes, voxels);
  EXPECT_LT(again.uploaded_bytes, voxels + of_tables);
  EXPECT_LT(again.downloaded_bytes, most_down);
  EXPECT_EQ(again.allocations, 0U);
  EXPECT_LE(again.downloads, 60U) << "round trips";
}

TEST(CudaTraffic, ACtOfAnotherShapeBringsNothingElse) {
  const TinyCase tiny;
  Engine engine = tiny.engine("cuda");
  const Traffic first = screen(engine, tiny.volume());
  Volume other = tiny.volume();
  for (double& spacing : other.geometry.spacing) spacing *= 1.25;
  const Traffic next = screen(engine, other);
  ASSERT_NE(next.network_shape, first.network_shape);
  EXPECT_LT(next.uploaded_bytes, other.hu.size() * sizeof(std::int16_t) + of_tables);
  EXPECT_LT(next.downloaded_bytes, most_down);
  EXPECT_LE(next.allocations, 2U);
}

}  // namespace
}  // namespace pleura::test
