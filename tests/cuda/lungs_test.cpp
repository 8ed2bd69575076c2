// The lung mask's operations, bit for bit as on the CPU and in the naive twins.
#include <gtest/gtest.h>

#include "device_array.hpp"
#include "device_components.hpp"
#include "kernels/convex_hull.hpp"
#include "kernels/cuda/convex_hull.hpp"
#include "kernels/cuda/distance_transform.hpp"
#include "kernels/cuda/gaussian_blur.hpp"
#include "kernels/cuda/morphology.hpp"
#include "kernels/cuda/threshold.hpp"
#include "kernels/fill_holes.hpp"
#include "kernels/threshold.hpp"
#include "pleura/error.hpp"
#include "random.hpp"
#include "runtime/cuda/stream.hpp"

namespace pleura::test {
namespace {

using kernels::BitVolume;
using kernels::Components;
using kernels::Connectivity;
using kernels::Disc;
namespace cuda = kernels::cuda;

constexpr std::array<double, 5> densities{0, 0.02, 0.5, 0.95, 1};

TEST(CudaThreshold, IsTheNaiveOne) {
  Random random;
  const runtime::cuda::Stream stream;
  for (const Index3& shape : shapes(random)) {
    SCOPED_TRACE(random.trace(name(shape)));
    const auto hu = random_hu(voxels(shape), static_cast<std::uint32_t>(random(0, 1 << 30)));
    const DeviceArray<std::int16_t> input(hu);
    BitVolume expected(shape);
    const DeviceArray<std::uint64_t> bits(expected.words.size());
    cuda::threshold(input.data(), bits.data(), shape, -450, stream.get());
    for (std::int64_t z = 0; z < shape[0]; ++z)
      kernels::reference::threshold_slice(hu.data() + z * shape[1] * shape[2], shape[1], shape[2], -450,
                                          expected.slice(z));
    EXPECT_EQ(bits.download(), expected.words);
  }
}

TEST(CudaBlur, IsTheNaiveOne) {
  Random random;
  const runtime::cuda::Stream stream;
  for (const Index3& shape : shapes(random))
    for (const double sigma : {0.3, 1.07, 4.0}) {
      SCOPED_TRACE(random.trace(name(shape) + " sigma " + std::to_string(sigma)));
      const kernels::GaussianBlur blur{kernels::gaussian_weights(sigma), kernels::gaussian_weights(sigma / 2)};
      const auto hu = random_hu(voxels(shape), static_cast<std::uint32_t>(random(0, 1 << 30)));
      const DeviceArray<std::int16_t> input(hu), workspace(hu.size()), out(hu.size());
      cuda::blur(input.data(), out.data(), workspace.data(), shape, blur, stream.get());
      std::vector<std::int16_t> expected(hu.size());
      for (std::int64_t z = 0; z < shape[0]; ++z)
        kernels::reference::blur_slice(blur, hu.data() + z * shape[1] * shape[2], shape[1], shape[2],
                                       expected.data() + z * shape[1] * shape[2]);
      EXPECT_EQ(out.download(), expected);
      cuda::blur(input.data(), input.data(), workspace.data(), shape, blur, stream.get());
      EXPECT_EQ(input.download(), expected) << "in place";
    }
}

TEST(CudaBlur, RefusesAKernelThatIsTooWide) {
  const DeviceArray<std::int16_t> hu(1);
  EXPECT_THROW(cuda::blur(hu.data(), hu.data(), hu.data(), {1, 1, 1}, {kernels::BlurWeights(129), {}}, nullptr), Error);
}

using OnSlice = void (*)(const std::uint64_t*, std::int64_t, std::int64_t, const Disc&, std::uint64_t*);

/// The CPU's and, but for the widest disc, the naive twin's. `run` queues the operation: (in, out, shape, disc,
/// stream).
template <class Run>
void expect_like(OnSlice naive, OnSlice cpu, const Run& run) {
  Random random;
  const runtime::cuda::Stream stream;
  for (const Index3& shape : shapes(random))
    for (const Disc& disc : {kernels::make_disc(0, 700, 700), kernels::make_disc(1500, 700, 700), Disc{{1, 0}},
                             Disc{{1, 1}}, kernels::make_disc(9000, 3000, 700), kernels::make_disc(50000, 9000, 700)})
      for (const double density : {0.0, 0.01, 0.97, 1.0}) {
        SCOPED_TRACE(random.trace(name(shape) + " disc of " + std::to_string(disc.half_widths[0]) + " density " +
                                  std::to_string(density)));
        const BitVolume bits = random_bits(shape, density, static_cast<std::uint32_t>(random(0, 1 << 30)));
        const DeviceArray<std::uint64_t> in(bits.words), out(bits.words.size());
        run(in.data(), out.data(), shape, disc, stream.get());
        const auto found = out.download();
        for (const OnSlice other : {cpu, naive}) {
          if (other == naive && disc.half_widths[0] > 64) continue;
          BitVolume expected(shape);
          for (std::int64_t z = 0; z < shape[0]; ++z) other(bits.slice(z), shape[1], shape[2], disc, expected.slice(z));
          ASSERT_EQ(found, expected.words) << (other == naive ? "the naive twin" : "the CPU");
        }
      }
}

TEST(CudaMorphology, DilationIsTheNaiveOne) {
  expect_like(kernels::reference::dilate_slice, kernels::dilate_slice, cuda::dilate);
}

TEST(CudaMorphology, ErosionIsTheNaiveOne) {
  expect_like(kernels::reference::erode_slice, kernels::erode_slice, cuda::erode);
}

TEST(CudaMorphology, ClosingIsTheNaiveOne) {
  expect_like(
      kernels::reference::close_slice, kernels::close_slice,
      [](const std::uint64_t* in, std::uint64_t* out, const Index3& shape, const Disc& disc, cudaStream_t stream) {
        const auto words = static_cast<std::size_t>(cuda::close_workspace_bytes(shape, disc)) / sizeof(std::uint64_t);
        const DeviceArray<std::uint64_t> workspace(words);
        cuda::close(in, out, shape, disc, workspace.data(), stream);
        static_cast<void>(workspace.download());  // its guards
      });
}

TEST(CudaMorphology, RefusesADiscThatIsTooWide) {
  const DeviceArray<std::uint64_t> bits(1);
  EXPECT_THROW(cuda::dilate(bits.data(), bits.data(), {1, 1, 1}, Disc{{257}}, nullptr), Error);
}

TEST(CudaBits, AreInvertedCombinedAndCounted) {
  Random random;
  const runtime::cuda::Stream stream;
  for (const Index3& shape : shapes(random)) {
    SCOPED_TRACE(random.trace(name(shape)));
    const BitVolume a = random_bits(shape, 0.4, 1), b = random_bits(shape, 0.6, 2);
    const DeviceArray<std::uint64_t> first(a.words), second(b.words), out(a.words.size());
    BitVolume expected = a;
    kernels::invert_slice(expected.words.data(), shape[0] * shape[1], shape[2]);
    cuda::invert(first.data(), out.data(), shape, stream.get());
    EXPECT_EQ(out.download(), expected.words);
    using cuda::BitCombination;
    for (const auto how : {BitCombination::both, BitCombination::either, BitCombination::first_only}) {
      for (std::size_t i = 0; i < a.words.size(); ++i)
        expected.words[i] = how == BitCombination::both     ? a.words[i] & b.words[i]
                            : how == BitCombination::either ? a.words[i] | b.words[i]
                                                            : a.words[i] & ~b.words[i];
      cuda::combine(first.data(), second.data(), out.data(), static_cast<std::int64_t>(a.words.size()), how,
                    stream.get());
      EXPECT_EQ(out.download(), expected.words);
    }
    const DeviceArray<unsigned long long> count(1);
    cuda::count_ones(first.data(), static_cast<std::int64_t>(a.words.size()), count.data(), stream.get());
    EXPECT_EQ(static_cast<std::int64_t>(count.download()[0]),
              kernels::count_bits(a.words.data(), 0, static_cast<std::int64_t>(a.words.size()) * 64));
  }
}

TEST(CudaComponents, AreTheNaiveOnes) {
  Random random;
  const runtime::cuda::Stream stream;
  for (const Index3& shape : shapes(random))
    for (const double density : densities)
      for (const auto connectivity : {Connectivity::in_slice, Connectivity::in_volume}) {
        SCOPED_TRACE(random.trace(name(shape) + " density " + std::to_string(density)));
        const auto draw = [&] { return static_cast<std::uint32_t>(random(0, 1 << 30)); };
        const BitVolume bits = random_bits(shape, density, draw()), other = random_bits(shape, 0.5, draw());
        const Components expected = kernels::reference::find_components(bits, connectivity);
        const DeviceComponents found(shape, most_runs(shape));
        const DeviceArray<std::uint64_t> in(bits.words), beside(other.words);
        cuda::find_components(in.data(), shape, connectivity, found.buffers(), stream.get());
        found.expect_equal(expected);
        if (HasFatalFailure()) return;

        const DeviceArray<unsigned long long> counts(most_runs(shape));
        cuda::count_in(found.buffers(), shape, beside.data(), counts.data(), stream.get());
        const auto all = counts.download();
        const auto counted = kernels::count_in(expected, other, 1);
        EXPECT_EQ(std::vector<std::int64_t>(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(counted.size())),
                  counted);

        std::vector<std::uint8_t> wanted(expected.list.size() + 1);
        for (auto& value : wanted) value = static_cast<std::uint8_t>(random(0, 1) * 7);
        const DeviceArray<std::uint8_t> chosen(wanted);
        const DeviceArray<std::uint64_t> drawn(bits.words.size());
        cuda::draw(found.buffers(), shape, chosen.data(), drawn.data(), stream.get());
        EXPECT_EQ(drawn.download(), kernels::draw(expected, wanted, shape, 1).words);
      }
}

TEST(CudaComponents, OfASpiralAreOne) {
  // A path that turns back on itself all the way: the longest way to a root.
  BitVolume bits({1, 129, 130});
  for (std::int64_t y = 0; y < 129; ++y) {
    if (y % 2 == 0)
      for (std::int64_t x = 0; x < 130; ++x) bits.set(0, y, x);
    else
      bits.set(0, y, y % 4 == 1 ? 129 : 0);
  }
  const runtime::cuda::Stream stream;
  const DeviceComponents found(bits.shape, most_runs(bits.shape));
  const DeviceArray<std::uint64_t> in(bits.words);
  cuda::find_components(in.data(), bits.shape, Connectivity::in_volume, found.buffers(), stream.get());
  found.expect_equal(kernels::reference::find_components(bits, Connectivity::in_volume));
}

TEST(CudaComponents, SaysHowMuchRoomItNeedsAndWritesNothing) {
  const Index3 shape{3, 9, 70};
  const BitVolume bits = random_bits(shape, 0.5, 4);
  const auto needed = kernels::reference::find_components(bits, Connectivity::in_volume).runs.size();
  const runtime::cuda::Stream stream;
  const DeviceComponents found(shape, needed - 1);
  const auto before = found.parents.download();
  const DeviceArray<std::uint64_t> in(bits.words);
  cuda::find_components(in.data(), shape, Connectivity::in_volume, found.buffers(), stream.get());
  EXPECT_EQ(static_cast<std::size_t>(found.first_of_row.download().back()), needed);
  EXPECT_EQ(found.parents.download(), before);
  EXPECT_EQ(found.roots_of_row.download().back(), 0);
}

TEST(CudaHoles, AreFilledAsByTheNaiveTwin) {
  Random random;
  const runtime::cuda::Stream stream;
  for (const Index3& shape : shapes(random))
    for (const double density : densities)
      for (const auto connectivity : {Connectivity::in_slice, Connectivity::in_volume})
        for (const std::int64_t most : {2, 1000000}) {
          SCOPED_TRACE(random.trace(name(shape) + " density " + std::to_string(density)));
          BitVolume expected = random_bits(shape, density, static_cast<std::uint32_t>(random(0, 1 << 30)));
          const DeviceArray<std::uint64_t> bits(expected.words), zeros(expected.words.size());
          const DeviceComponents parts(shape, most_runs(shape));
          cuda::invert(bits.data(), zeros.data(), shape, stream.get());
          cuda::find_components(zeros.data(), shape, connectivity, parts.buffers(), stream.get());
          cuda::fill_holes(parts.buffers(), shape, connectivity, most, bits.data(), stream.get());
          kernels::reference::fill_holes(expected, connectivity, most);
          EXPECT_EQ(bits.download(), expected.words);
        }
}

void expect_hulls(const BitVolume& bits, const BitVolume& expected) {
  const runtime::cuda::Stream stream;
  const DeviceArray<std::uint64_t> in(bits.words), out(bits.words.size());
  const DeviceArray<std::int32_t> workspace(static_cast<std::size_t>(cuda::fill_hulls_workspace_bytes(bits.shape)) / 4);
  cuda::fill_hulls(in.data(), out.data(), bits.shape, workspace.data(), stream.get());
  EXPECT_EQ(out.download(), expected.words);
  static_cast<void>(workspace.download());  // its guards
}

TEST(CudaHulls, AreTheCpus) {
  Random random;
  for (const Index3& shape : shapes(random))
    for (const double density : {0.0, 0.003, 0.02, 0.5, 1.0}) {
      SCOPED_TRACE(random.trace(name(shape) + " density " + std::to_string(density)));
      const BitVolume bits = random_bits(shape, density, static_cast<std::uint32_t>(random(0, 1 << 30)));
      BitVolume expected(shape);
      for (std::int64_t z = 0; z < shape[0]; ++z)
        kernels::fill_hull(kernels::convex_hull(bits.slice(z), shape[1], shape[2]), shape[2], expected.slice(z));
      expect_hulls(bits, expected);
    }
}

/// The naive twin goes through all triangles: a few ones a slice, among them on a line, in a point and none.
TEST(CudaHulls, AreTheNaiveOnes) {
  for (const Index3& shape : {Index3{1, 1, 1}, {2, 1, 90}, {2, 40, 1}, {3, 9, 67}, {3, 21, 33}})
    for (std::uint32_t seed = 0; seed < 8; ++seed) {
      SCOPED_TRACE(name(shape) + " seed " + std::to_string(seed));
      const double ones_of_slice = seed + 1;
      const BitVolume bits =
          random_bits(shape, std::min(1.0, ones_of_slice / static_cast<double>(shape[1] * shape[2])), seed);
      BitVolume expected(shape);
      for (std::int64_t z = 0; z < shape[0]; ++z)
        kernels::reference::fill_convex_hull(bits.slice(z), shape[1], shape[2], expected.slice(z));
      expect_hulls(bits, expected);
    }
}

TEST(CudaDistances, AreTheNaiveOnes) {
  Random random;
  const runtime::cuda::Stream stream;
  for (const Index3& shape : {Index3{1, 1, 1}, {1, 1, 90}, {1, 40, 1}, {23, 1, 1}, {5, 7, 33}, {6, 13, 17}})
    for (const double density : {0.0, 0.005, 0.3, 1.0})
      for (const std::array<std::int64_t, 3>& spacing :
           {std::array<std::int64_t, 3>{1, 1, 1}, {5000, 842, 701}, {600, 3000, 2999}}) {
        SCOPED_TRACE(random.trace(name(shape) + " density " + std::to_string(density)));
        std::vector<std::uint8_t> mask(static_cast<std::size_t>(voxels(shape)));
        for (auto& value : mask) value = random(0, 999) < static_cast<std::int64_t>(density * 1000) ? 2 : 0;
        const DeviceArray<std::uint8_t> in(mask);
        const DeviceArray<std::int64_t> distances(mask.size()), workspace(mask.size());
        cuda::squared_distances(in.data(), distances.data(), workspace.data(), shape, spacing, stream.get());
        const auto expected = kernels::reference::squared_distances(mask, shape, spacing);
        EXPECT_EQ(distances.download(), expected);

        const DeviceArray<std::int16_t> hu(std::vector<std::int16_t>(mask.size(), 7));
        const std::int64_t limit = 2 * spacing[1] * spacing[1];
        cuda::fill_beyond(distances.data(), limit, -800, hu.data(), voxels(shape), stream.get());
        std::vector<std::int16_t> filled;
        for (const std::int64_t distance : expected) filled.push_back(distance > limit ? -800 : 7);
        EXPECT_EQ(hu.download(), filled);
      }
}

}  // namespace
}  // namespace pleura::test
