// Which components are listed and drawn, by rules written anew: those of kernels/rules.hpp are one text for all
// devices.
#include "kernels/instrument.hpp"

#include <gtest/gtest.h>

#include "kernels/backend.hpp"
#include "voxels.hpp"

namespace pleura::kernels {
namespace {

using test::random_bits;

class InstrumentRules : public ::testing::TestWithParam<const char*> {
 protected:
  OpenDevice device_ = open_device(GetParam(), 3);
  std::unique_ptr<Instrument> on_ = device_.instrument();
};

INSTANTIATE_TEST_SUITE_P(OnHost, InstrumentRules, ::testing::Values("reference", "cpu"));

TEST_P(InstrumentRules, ListAndDrawComponents) {
  for (const Index3& shape : test::voxel_shapes())
    for (const double density : {0.02, 0.5, 0.95}) {
      const BitVolume bits = random_bits(shape, density, 3);
      const Components expected = reference::find_components(bits, Connectivity::in_slice);
      if (expected.list.empty()) continue;
      const Parts parts = on_->components(on_->take(bits), Connectivity::in_slice);
      const std::array<BitVolume, 3> others{random_bits(shape, 0.5, 4), random_bits(shape, 0.5, 5),
                                            random_bits(shape, 0.05, 6)};
      std::array<Counts, 3> counts;
      std::array<std::vector<std::int64_t>, 3> of;
      for (std::size_t i = 0; i < 3; ++i) {
        of[i] = on_->read(counts[i] = on_->count_in(parts, on_->take(others[i])));
        EXPECT_EQ(of[i], count_in(expected, others[i], 1));
      }
      std::size_t largest = 0;
      std::int64_t low = shape[0], high = 0;
      for (std::size_t i = 0; i < expected.list.size(); ++i) {
        const auto& [voxels, box, sum] = expected.list[i];
        if (voxels > expected.list[largest].voxels) largest = i;
        if (of[2][i] == 0) continue;
        low = std::min(low, box.low[0]);
        high = std::max(high, box.high[0]);
      }
      const auto expect_drawn = [&](const Rule& rule, const auto& wants) {
        std::vector<std::uint8_t> wanted;
        for (std::size_t i = 0; i < expected.list.size(); ++i) wanted.push_back(wants(i) ? 1 : 0);
        EXPECT_EQ(on_->read(on_->draw(parts, rule)), draw(expected, wanted, shape, 1));
      };
      const auto at_edge = [&](std::size_t i) {
        const VoxelBox& box = expected.list[i].box;
        return box.low[1] == 0 || box.low[2] == 0 || box.high[1] == shape[1] || box.high[2] == shape[2];
      };
      expect_drawn(AtEdge{}, at_edge);
      expect_drawn(Largest{}, [&](std::size_t i) { return i == largest; });
      expect_drawn(Only{static_cast<std::int32_t>(largest)}, [&](std::size_t i) { return i == largest; });
      expect_drawn(InsideBody{counts[0], counts[1], counts[2]}, [&](std::size_t i) {
        const double half = static_cast<double>(expected.list[i].voxels) / 2;
        return static_cast<double>(of[0][i]) >= half &&
               !((of[2][i] > 0 || at_edge(i)) && static_cast<double>(of[1][i]) >= half);
      });
      expect_drawn(CutOff{counts[2], counts[0], counts[1], 2}, [&](std::size_t i) {
        const auto& [voxels, box, sum] = expected.list[i];
        const auto size = static_cast<double>(voxels);
        return of[2][i] == 0 && voxels >= 2 && static_cast<double>(of[0][i]) >= 0.8 * size &&
               static_cast<double>(of[1][i]) <= 0.25 * size && 3 * sum[0] >= (2 * low + high) * voxels;
      });
      std::vector<std::int32_t> large;
      for (std::size_t i = 0; i < expected.list.size(); ++i)
        if (expected.list[i].voxels >= 2 && 3 * expected.list[i].voxels >= expected.list[largest].voxels)
          large.push_back(static_cast<std::int32_t>(i));
      const auto listed = on_->list(parts, 2, 3);
      ASSERT_EQ(listed.size(), large.size());
      for (std::size_t i = 0; i < large.size(); ++i) {
        EXPECT_EQ(listed[i].number, large[i]);
        EXPECT_EQ(listed[i].figures, expected.list[large[i]]);
      }
    }
}

}  // namespace
}  // namespace pleura::kernels
