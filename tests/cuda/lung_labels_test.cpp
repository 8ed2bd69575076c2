// The label mask, slices' figures and distances from the edge: the CPU's, bit for bit.
#include "kernels/cuda/lung_labels.hpp"

#include <gtest/gtest.h>

#include "device_array.hpp"
#include "kernels/voxels.hpp"
#include "random.hpp"
#include "runtime/cuda/stream.hpp"
#include "screening/lung_stages.hpp"

namespace pleura::test {
namespace {

namespace cuda = kernels::cuda;

/// Two lungs that share no voxel; some slices without any.
screening::LungSides random_sides(Random& random, const Index3& shape, double density) {
  const auto draw = [&] { return random_bits(shape, density, static_cast<std::uint32_t>(random(0, 1 << 30))); };
  screening::LungSides sides{draw(), draw()};
  for (std::size_t i = 0; i < sides.left.words.size(); ++i) sides.right.words[i] &= ~sides.left.words[i];
  for (kernels::BitVolume* side : {&sides.left, &sides.right})
    for (std::int64_t z = 1; z < shape[0]; z += 2) std::fill_n(side->slice(z), side->slice_words(), 0);
  return sides;
}

struct Labelled {
  DeviceArray<std::uint8_t> mask;
  DeviceArray<cuda::SliceFigures> slices;

  Labelled(const screening::LungSides& sides, const Index3& shape, cudaStream_t stream)
      : mask(static_cast<std::size_t>(shape[0] * shape[1] * shape[2])), slices(static_cast<std::size_t>(shape[0])) {
    const DeviceArray<std::uint64_t> left(sides.left.words), right(sides.right.words);
    cuda::label_lungs(left.data(), right.data(), mask.data(), slices.data(), shape, stream);
    static_cast<void>(left.download());  // before its memory goes
  }
};

void expect_like_the_cpu(Random& random, const Index3& shape, double density) {
  const runtime::cuda::Stream stream;
  Volume volume;
  volume.geometry.shape = shape;
  volume.geometry.spacing = {1, static_cast<double>(random(30, 300)) / 100, static_cast<double>(random(30, 300)) / 100};
  const screening::LungSides sides = random_sides(random, shape, density);
  const screening::Lungs expected = screening::label_lungs(sides, volume.geometry, 1);
  const Labelled found(sides, shape, stream.get());
  EXPECT_EQ(found.mask.download(), expected.mask);
  const auto slices = found.slices.download();
  for (std::int64_t z = 0; z < shape[0]; ++z) {
    const cuda::SliceFigures& slice = slices[static_cast<std::size_t>(z)];
    const VoxelBox& box = expected.slice_boxes[static_cast<std::size_t>(z)];
    for (std::size_t axis = 0; axis < 2; ++axis) {
      EXPECT_EQ(slice.low[axis], box.low[axis + 1]);
      EXPECT_EQ(slice.high[axis], box.high[axis + 1]);
    }
    EXPECT_EQ(slice.left, kernels::count_bits(sides.left.slice(z), 0, sides.left.slice_words() * 64));
    EXPECT_EQ(slice.right, kernels::count_bits(sides.right.slice(z), 0, sides.right.slice_words() * 64));
  }

  std::vector<cuda::SlicePoint> points;
  for (int i = 0; i < 9; ++i)  // some beyond the slices, or in none
    points.push_back({random(-1, shape[0]), static_cast<double>(random(-500, 100 * shape[1] + 500)) / 100,
                      static_cast<double>(random(-500, 100 * shape[2] + 500)) / 100});
  const DeviceArray<cuda::SlicePoint> in(points);
  const cuda::NetworkDistance how{0.1, 9.7};
  constexpr std::int64_t pitch = 3;
  const DeviceArray<double> distances(points.size());
  const DeviceArray<float> network(points.size() * pitch);
  const DeviceArray<__half> half(points.size() * pitch);
  const auto measure = [&](auto* out) {
    cuda::distances_from_edge(
        found.mask.data(), found.slices.data(), shape, {volume.geometry.spacing[1], volume.geometry.spacing[2]},
        in.data(), static_cast<std::int64_t>(points.size()), how, distances.data(), out, pitch, stream.get());
  };
  measure(network.data());
  measure(half.data());
  const auto all = distances.download();
  const auto singles = network.download();
  const auto halves = half.download();
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double distance = screening::distance_from_edge(volume, expected, points[i].slice, points[i].y, points[i].x);
    EXPECT_EQ(all[i], distance);
    const auto seen = static_cast<float>((distance - how.shift) * how.scale);
    EXPECT_EQ(singles[i * pitch], seen);
    EXPECT_EQ(__half2float(halves[i * pitch]), __half2float(__float2half_rn(seen)));
  }
}

TEST(CudaLungLabels, AndDistancesAreTheCpus) {
  Random random;
  for (const Index3& shape : voxel_shapes())
    for (const double density : {0.0, 0.004, 0.3, 0.97, 1.0}) {
      SCOPED_TRACE(random.trace(std::to_string(shape[0]) + "x" + std::to_string(shape[1]) + "x" +
                                std::to_string(shape[2]) + " density " + std::to_string(density)));
      expect_like_the_cpu(random, shape, density);
    }
}

}  // namespace
}  // namespace pleura::test
