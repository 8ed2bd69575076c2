// What the CPU's instrument for volumes does beside the operations that have naive twins, voxel by voxel and component
// by component. The other devices' are held against it.
#include "kernels/instrument.hpp"

#include <gtest/gtest.h>

#include "kernels/backend.hpp"
#include "voxels.hpp"

namespace pleura::kernels {
namespace {

using test::random_bits;

/// Calls visit(z, y, x, voxel).
template <class Visit>
void for_each_voxel(const Index3& shape, const Visit& visit) {
  std::size_t voxel = 0;
  for (std::int64_t z = 0; z < shape[0]; ++z)
    for (std::int64_t y = 0; y < shape[1]; ++y)
      for (std::int64_t x = 0; x < shape[2]; ++x) visit(z, y, x, voxel++);
}

class CpuInstrument : public ::testing::Test {
 protected:
  OpenDevice device_ = open_device("cpu", 3);
  std::unique_ptr<Instrument> on_ = device_.instrument();
};

TEST_F(CpuInstrument, FindsTheLowestAndTheMedianHu) {
  for (const Index3& shape : test::voxel_shapes())
    for (const int above : {-3000, -1200, 3500}) {
      auto hu = test::random_hu(shape[0] * shape[1] * shape[2], 5);
      for (auto& value : hu) value = std::max<std::int16_t>(value, static_cast<std::int16_t>(above));
      const int limit = std::max<int>(*std::min_element(hu.begin(), hu.end()), -1100);
      const BitVolume among = random_bits(shape, 0.4, 6);
      BitVolume low(shape);
      std::vector<int> sorted;
      for_each_voxel(shape, [&](auto z, auto y, auto x, std::size_t voxel) {
        if (hu[voxel] <= limit) low.set(z, y, x);
        if (among.get(z, y, x)) sorted.push_back(std::clamp<int>(hu[voxel], -1024, 1023));
      });
      const Hu taken = on_->take(hu, shape);
      EXPECT_EQ(on_->read(on_->lowest(taken, -1099)), low);
      const HuMedian median = on_->median(taken, on_->take(among));
      ASSERT_EQ(median.voxels, static_cast<std::int64_t>(sorted.size()));
      std::sort(sorted.begin(), sorted.end());
      EXPECT_EQ(median.hu, sorted.empty() ? -1024 : sorted[(sorted.size() - 1) / 2]);
    }
}

TEST_F(CpuInstrument, MeasuresCombinesAndLabelsBits) {
  for (const Index3& shape : test::voxel_shapes())
    for (const double density : {0.0, 0.004, 0.5, 1.0}) {
      const BitVolume a = random_bits(shape, density, 1), b = random_bits(shape, 0.5, 2);
      std::vector<SliceFigures> slices(shape[0]);
      BitVolume both(shape), either(shape), first_only(shape);
      std::vector<std::uint8_t> labels;
      for_each_voxel(shape, [&](auto z, auto y, auto x, std::size_t) {
        const bool in_a = a.get(z, y, x), in_b = b.get(z, y, x);
        both.set(z, y, x, in_a && in_b);
        either.set(z, y, x, in_a || in_b);
        first_only.set(z, y, x, in_a && !in_b);
        labels.push_back(in_b ? 2 : in_a ? 1 : 0);
        if (!in_a) return;
        SliceFigures& slice = slices[z];
        const int at[2] = {static_cast<int>(y), static_cast<int>(x)};
        for (int axis = 0; axis < 2; ++axis) {
          slice.low[axis] = slice.voxels == 0 ? at[axis] : std::min(slice.low[axis], at[axis]);
          slice.high[axis] = std::max(slice.high[axis], at[axis] + 1);
        }
        ++slice.voxels;
        slice.sum_x += x;
      });
      const Bits first = on_->take(a), second = on_->take(b);
      EXPECT_EQ(on_->read(on_->combine(first, second, Combination::both)), both);
      EXPECT_EQ(on_->read(on_->combine(first, second, Combination::either)), either);
      EXPECT_EQ(on_->read(on_->combine(first, second, Combination::first_only)), first_only);
      EXPECT_EQ(on_->read(on_->label(on_->take(first_only), second)), labels);
      EXPECT_EQ(on_->count(first), test::count_ones(a));
      const auto found = on_->measure(first);
      for (std::size_t z = 0; z < found.size(); ++z) {
        EXPECT_EQ(found[z].voxels, slices[z].voxels);
        EXPECT_EQ(found[z].sum_x, slices[z].sum_x);
        for (int axis = 0; axis < 2; ++axis) {
          EXPECT_EQ(found[z].low[axis], slices[z].low[axis]);
          EXPECT_EQ(found[z].high[axis], slices[z].high[axis]);
        }
      }
    }
}

TEST_F(CpuInstrument, ListsAndDrawsComponentsByTheRules) {
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
