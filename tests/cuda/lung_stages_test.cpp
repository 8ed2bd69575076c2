// What the lung mask's stages need between their operations, and stages put together: the CPU's bits.
#include "screening/lung_stages.hpp"

#include <gtest/gtest.h>

#include "device_array.hpp"
#include "device_components.hpp"
#include "kernels/cuda/bit_figures.hpp"
#include "kernels/cuda/component_choice.hpp"
#include "kernels/cuda/convex_hull.hpp"
#include "kernels/cuda/gaussian_blur.hpp"
#include "kernels/cuda/grow_apart.hpp"
#include "kernels/cuda/mask_sampling.hpp"
#include "kernels/cuda/morphology.hpp"
#include "kernels/cuda/threshold.hpp"
#include "runtime/cuda/stream.hpp"
#include "screening/sampling.hpp"
#include "screening/synthetic_chest.hpp"

namespace pleura::test {
namespace {

using kernels::BitVolume;
using kernels::Components;
using kernels::Connectivity;
using kernels::Disc;
namespace cuda = kernels::cuda;

std::uint32_t draw_seed(Random& random) { return static_cast<std::uint32_t>(random(0, 1 << 30)); }

TEST(CudaThreshold, OfTheLowestHuFindsThem) {
  Random random;
  const runtime::cuda::Stream stream;
  std::vector<Index3> all = shapes(random);
  all.push_back({7, 60, 90});  // more than a block
  for (const Index3& shape : all)
    for (const int above : {-3000, -1200, 3500}) {
      SCOPED_TRACE(random.trace(name(shape) + " above " + std::to_string(above)));
      auto hu = random_hu(voxels(shape), draw_seed(random));
      for (auto& value : hu) value = std::max<std::int16_t>(value, static_cast<std::int16_t>(above));
      const int least = *std::min_element(hu.begin(), hu.end());
      const DeviceArray<std::int16_t> in(hu);
      const DeviceArray<int> lowest(1);
      BitVolume expected(shape);
      const DeviceArray<std::uint64_t> bits(expected.words.size());
      cuda::find_lowest(in.data(), voxels(shape), lowest.data(), stream.get());
      cuda::threshold(in.data(), bits.data(), shape, -1099, lowest.data(), stream.get());
      EXPECT_EQ(lowest.download()[0], least);
      for (std::int64_t i = 0; i < voxels(shape); ++i)
        if (hu[static_cast<std::size_t>(i)] <= std::max(least, -1100))
          expected.set(i / shape[2] / shape[1], i / shape[2] % shape[1], i % shape[2]);
      EXPECT_EQ(bits.download(), expected.words);
    }
}

TEST(CudaBits, HaveTheNaiveFigures) {
  Random random;
  const runtime::cuda::Stream stream;
  for (const Index3& shape : shapes(random))
    for (const double density : {0.0, 0.004, 0.5, 1.0}) {
      SCOPED_TRACE(random.trace(name(shape) + " density " + std::to_string(density)));
      const BitVolume bits = random_bits(shape, density, draw_seed(random));
      const std::int64_t low = random(0, shape[0] - 1), high = random(low + 1, shape[0]);
      cuda::BitFigures expected{0, 0, static_cast<int>(shape[1]), 0};
      for (std::int64_t z = low; z < high; ++z)
        for (std::int64_t y = 0; y < shape[1]; ++y)
          for (std::int64_t x = 0; x < shape[2]; ++x)
            if (bits.get(z, y, x)) {
              ++expected.count;
              expected.sum_x += static_cast<unsigned long long>(x);
              expected.low_y = std::min(expected.low_y, static_cast<int>(y));
              expected.high_y = std::max(expected.high_y, static_cast<int>(y));
            }
      const DeviceArray<std::uint64_t> in(bits.words);
      const DeviceArray<cuda::BitFigures> figures(1);
      cuda::measure_bits(in.data(), shape, low, high, figures.data(), stream.get());
      const cuda::BitFigures found = figures.download()[0];
      EXPECT_EQ(found.count, expected.count);
      EXPECT_EQ(found.sum_x, expected.sum_x);
      EXPECT_EQ(found.low_y, expected.low_y);
      EXPECT_EQ(found.high_y, expected.high_y);
    }
}

TEST(CudaMaskSampling, IsTheCpus) {
  Random random;
  const runtime::cuda::Stream stream;
  for (const Index3& shape : shapes(random)) {
    std::vector<std::uint8_t> mask;
    for (std::int64_t i = 0; i < voxels(shape); ++i) mask.push_back(static_cast<std::uint8_t>(random(0, 2)));
    std::array<kernels::ResampleAxis, 3> axes;
    for (auto& axis : axes)  // halves and quarters: samples amid two voxels are among them
      axis = {random(-12, 8), random(1, 12), random(1, 20), 4};
    SCOPED_TRACE(random.trace(name(shape) + " x from " + std::to_string(axes[2].first) + " quarters"));
    const auto expected = screening::sample_mask(mask, shape, axes, 1);
    const DeviceArray<std::uint8_t> in(mask), out(expected.size());
    cuda::sample_mask(in.data(), out.data(), shape, axes, stream.get());
    EXPECT_EQ(out.download(), expected);
  }
}

/// As the CPU decides, one component at a time.
void expect_choices(Random& random, const Index3& shape, double density) {
  const runtime::cuda::Stream stream;
  const BitVolume bits = random_bits(shape, density, draw_seed(random));
  const Components expected = kernels::find_components(bits, Connectivity::in_slice, 1);
  const std::size_t count = expected.list.size();
  const DeviceComponents found(shape, most_runs(shape));
  const DeviceArray<std::uint64_t> in(bits.words);
  cuda::find_components(in.data(), shape, Connectivity::in_slice, found.buffers(), stream.get());
  std::array<std::vector<unsigned long long>, 3> counts;
  for (auto& values : counts) {
    for (const auto& part : expected.list) values.push_back(static_cast<unsigned long long>(random(0, part.voxels)));
    values.push_back(0);
  }
  const DeviceArray<unsigned long long> gas(counts[0]), by_padding(counts[1]), in_hull(counts[2]);
  const DeviceArray<std::uint8_t> at_edge(count), largest(count), inside(count);
  cuda::choose_at_edge(found.buffers(), shape, at_edge.data(), stream.get());
  cuda::choose_largest(found.buffers(), shape, largest.data(), stream.get());
  cuda::choose_inside_body(found.buffers(), shape, {gas.data(), by_padding.data(), in_hull.data()}, inside.data(),
                           stream.get());
  const auto edges = at_edge.download(), best = largest.download(), body = inside.download();
  std::size_t first = 0;
  for (std::size_t i = 0; i < count; ++i)
    if (expected.list[i].voxels > expected.list[first].voxels) first = i;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& [voxels, box, sum] = expected.list[i];
    const bool edge = box.low[1] == 0 || box.low[2] == 0 || box.high[1] == shape[1] || box.high[2] == shape[2];
    ASSERT_EQ(edges[i], edge);
    ASSERT_EQ(best[i], i == first);
    const auto half = static_cast<unsigned long long>((voxels + 1) / 2);
    ASSERT_EQ(body[i], counts[2][i] >= half && !((counts[1][i] > 0 || edge) && counts[0][i] >= half));
  }

  // Pieces: as if some components were the lung's own.
  std::vector<unsigned long long> own;
  std::int64_t low = shape[0], high = 0;
  for (std::size_t i = 0; i < count; ++i) {
    own.push_back(random(0, 2) == 0 ? 1 : 0);
    if (own[i] == 0) continue;
    low = std::min(low, expected.list[i].box.low[0]);
    high = std::max(high, expected.list[i].box.high[0]);
  }
  own.push_back(0);
  const DeviceArray<unsigned long long> owned(own);
  const DeviceArray<std::uint8_t> pieces(count);
  cuda::choose_pieces(found.buffers(), shape, {owned.data(), in_hull.data(), gas.data(), 2}, pieces.data(),
                      stream.get());
  const auto adopted = pieces.download();
  for (std::size_t i = 0; i < count; ++i) {
    const auto& [voxels, box, sum] = expected.list[i];
    const bool above_bowel = 3 * sum[0] >= (2 * low + high) * voxels;
    ASSERT_EQ(adopted[i], own[i] == 0 && 5 * static_cast<std::int64_t>(counts[2][i]) >= 4 * voxels &&
                              4 * static_cast<std::int64_t>(counts[0][i]) <= voxels && voxels >= 2 && above_bowel);
  }

  const std::int64_t least = random(0, 3), share = random(0, 4);
  std::vector<std::int32_t> large;
  for (std::size_t i = 0; i < count; ++i)
    if (expected.list[i].voxels >= least &&
        (share == 0 || expected.list[i].voxels * share >= expected.list[first].voxels))
      large.push_back(static_cast<std::int32_t>(i));
  const auto room = static_cast<std::int32_t>(random(1, 40));
  const DeviceArray<cuda::LargeComponent> list(static_cast<std::size_t>(room));
  const DeviceArray<std::int32_t> length(1);
  cuda::list_large(found.buffers(), shape, least, share, list.data(), room, length.data(), stream.get());
  ASSERT_EQ(static_cast<std::size_t>(length.download()[0]), large.size());
  const auto listed = list.download();
  for (std::size_t i = 0; i < std::min(large.size(), listed.size()); ++i) {
    EXPECT_EQ(listed[i].number, large[i]);
    EXPECT_EQ(cuda::to_component(listed[i].figures), expected.list[static_cast<std::size_t>(large[i])]);
  }
}

TEST(CudaComponents, AreChosenAsOnTheCpu) {
  Random random;
  for (const Index3& shape : shapes(random))
    for (const double density : {0.0, 0.02, 0.5, 0.95, 1.0}) {
      SCOPED_TRACE(random.trace(name(shape) + " density " + std::to_string(density)));
      expect_choices(random, shape, density);
    }
}

TEST(CudaGrowth, PartsLungsAsOnTheCpu) {
  Random random;
  const runtime::cuda::Stream stream;
  for (const Index3& shape : shapes(random))
    for (const std::int64_t period : {1, 2, 5})
      for (const double density : {0.6, 0.9, 1.0}) {
        SCOPED_TRACE(random.trace(name(shape) + " period " + std::to_string(period)));
        const BitVolume joined = random_bits(shape, density, draw_seed(random));
        BitVolume left = random_bits(shape, 0.01, draw_seed(random)),
                  right = random_bits(shape, 0.01, draw_seed(random));
        for (std::size_t i = 0; i < joined.words.size(); ++i) {
          left.words[i] &= joined.words[i];
          right.words[i] &= joined.words[i] & ~left.words[i];
        }
        const DeviceArray<std::uint64_t> in(joined.words), one(left.words), other(right.words);
        const DeviceArray<std::uint64_t> workspace(static_cast<std::size_t>(cuda::grow_apart_workspace_bytes(shape)) /
                                                   sizeof(std::uint64_t));
        const DeviceArray<int> changed(1);
        int calls = 0;
        do
          cuda::grow_apart(one.data(), other.data(), in.data(), shape, {period, 2}, workspace.data(), changed.data(),
                           stream.get());
        while (changed.download()[0] != 0 && ++calls < 1000);
        const screening::LungGrid grid{shape, {period * 1000, 1000, 900}, 1};
        screening::grow_apart(left, right, joined, grid);
        EXPECT_EQ(one.download(), left.words);
        EXPECT_EQ(other.download(), right.words);
        static_cast<void>(workspace.download());  // its guards
      }
}

/// screening::find_air out of kernels, as a pipeline would queue it.
class DeviceAir {
 public:
  explicit DeviceAir(const Volume& volume, const screening::LungGrid& grid)
      : grid_(grid), hu_(volume.hu), parts_(grid.shape, most_runs(grid.shape)), wanted_(most_runs(grid.shape)) {
    find_padding();
    const DeviceArray<std::int16_t> blurred(volume.hu.size()), workspace(volume.hu.size());
    cuda::blur(hu_.data(), blurred.data(), workspace.data(), shape(), screening::air_blur(grid_), stream_.get());
    cuda::threshold(blurred.data(), air.data(), shape(), screening::air_below, stream_.get());
    cuda::threshold(blurred.data(), gas.data(), shape(), screening::gas_below, stream_.get());
    cuda::threshold(blurred.data(), pocket.data(), shape(), screening::pocket_below, stream_.get());
    combine(air, padding_, air, cuda::BitCombination::first_only);
    find_body_hull();
    keep_inside_body();
    combine(gas, air, gas, cuda::BitCombination::both);
    combine(pocket, air, pocket, cuda::BitCombination::both);
    static_cast<void>(workspace.download());  // before its memory goes
  }

 private:
  [[nodiscard]] const Index3& shape() const { return grid_.shape; }
  [[nodiscard]] DeviceArray<std::uint64_t> bits() const {
    return DeviceArray<std::uint64_t>(BitVolume(grid_.shape).words.size());
  }
  void combine(const DeviceArray<std::uint64_t>& a, const DeviceArray<std::uint64_t>& b,
               const DeviceArray<std::uint64_t>& out, cuda::BitCombination how) const {
    cuda::combine(a.data(), b.data(), out.data(), static_cast<std::int64_t>(BitVolume(grid_.shape).words.size()), how,
                  stream_.get());
  }
  void find(const DeviceArray<std::uint64_t>& of, Connectivity connectivity) const {
    cuda::find_components(of.data(), shape(), connectivity, parts_.buffers(), stream_.get());
  }
  void draw(const DeviceArray<std::uint64_t>& out) const {
    cuda::draw(parts_.buffers(), shape(), wanted_.data(), out.data(), stream_.get());
  }

  void find_padding() const {
    const DeviceArray<int> lowest(1);
    const DeviceArray<std::uint64_t> low = bits(), solid = bits();
    const Disc square{{1, 1}};
    cuda::find_lowest(hu_.data(), voxels(shape()), lowest.data(), stream_.get());
    cuda::threshold(hu_.data(), low.data(), shape(), screening::padding_at_most + 1, lowest.data(), stream_.get());
    cuda::erode(low.data(), solid.data(), shape(), square, stream_.get());
    find(solid, Connectivity::in_slice);
    cuda::choose_at_edge(parts_.buffers(), shape(), wanted_.data(), stream_.get());
    draw(low);
    cuda::dilate(low.data(), padding_.data(), shape(), square, stream_.get());
    static_cast<void>(lowest.download());  // before its memory goes
  }

  void find_body_hull() const {
    const DeviceArray<std::uint64_t> hollow = bits(), thick = bits();
    const DeviceArray<std::int32_t> workspace(static_cast<std::size_t>(cuda::fill_hulls_workspace_bytes(shape())) / 4);
    combine(air, padding_, hollow, cuda::BitCombination::either);
    cuda::dilate(hollow.data(), thick.data(), shape(),
                 kernels::make_disc(screening::table_shell_um, grid_.spacing_um[1], grid_.spacing_um[2]),
                 stream_.get());
    cuda::invert(thick.data(), thick.data(), shape(), stream_.get());
    find(thick, Connectivity::in_volume);
    cuda::choose_largest(parts_.buffers(), shape(), wanted_.data(), stream_.get());
    draw(hollow);
    cuda::fill_hulls(hollow.data(), body.data(), shape(), workspace.data(), stream_.get());
    static_cast<void>(workspace.download());  // before its memory goes
  }

  void keep_inside_body() const {
    const DeviceArray<std::uint64_t> beside = bits();
    const std::size_t room = most_runs(shape());
    const DeviceArray<unsigned long long> of_pockets(room), by_padding(room), in_hull(room);
    cuda::dilate(padding_.data(), beside.data(), shape(), Disc{{1, 0}}, stream_.get());
    find(air, Connectivity::in_slice);
    cuda::count_in(parts_.buffers(), shape(), pocket.data(), of_pockets.data(), stream_.get());
    cuda::count_in(parts_.buffers(), shape(), beside.data(), by_padding.data(), stream_.get());
    cuda::count_in(parts_.buffers(), shape(), body.data(), in_hull.data(), stream_.get());
    cuda::choose_inside_body(parts_.buffers(), shape(), {of_pockets.data(), by_padding.data(), in_hull.data()},
                             wanted_.data(), stream_.get());
    draw(air);
    static_cast<void>(in_hull.download());  // before its memory goes
  }

  runtime::cuda::Stream stream_;
  screening::LungGrid grid_;
  DeviceArray<std::int16_t> hu_;
  DeviceComponents parts_;
  DeviceArray<std::uint8_t> wanted_;
  DeviceArray<std::uint64_t> padding_ = bits();

 public:
  DeviceArray<std::uint64_t> air = bits(), gas = bits(), pocket = bits(), body = bits();
};

void expect_air_of_the_cpu(const ChestOptions& options) {
  const Volume volume = make_chest(options).volume;
  const screening::LungGrid grid{volume.geometry.shape, {20'000, 5000, 5000}, 1};
  const screening::AirBits expected = screening::find_air(volume, grid);
  const DeviceAir found(volume, grid);
  EXPECT_GT(kernels::count_bits(expected.air.words.data(), 0, expected.air.slice_words() * 64 * grid.shape[0]), 1000);
  EXPECT_EQ(found.air.download(), expected.air.words);
  EXPECT_EQ(found.gas.download(), expected.gas.words);
  EXPECT_EQ(found.pocket.download(), expected.pocket.words);
  EXPECT_EQ(found.body.download(), expected.body.words);
}

TEST(CudaAir, OfAChestIsTheCpus) {
  for (const int padding_hu : {-1000, -2000}) {
    ChestOptions options;
    options.spacing = {20, 5, 5};
    options.padding_hu = padding_hu;
    expect_air_of_the_cpu(options);
  }
}

TEST(CudaAir, OfEmphysematousLungsThatTheFieldOfViewCutsIsTheCpus) {
  ChestOptions options;
  options.spacing = {20, 5, 5};
  options.lung_hu = -925;
  options.half_x = 125;
  options.low_y = -80;
  options.high_y = 80;
  expect_air_of_the_cpu(options);
}

}  // namespace
}  // namespace pleura::test
