// Non-maximum suppression: the cubes that its naive twin and the CPU keep.
#include "kernels/cuda/regions/suppression.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "device_array.hpp"
#include "kernels/random.hpp"
#include "runtime/cuda/stream.hpp"

namespace pleura::test {
namespace {

using kernels::Cube;
using kernels::CubeCounts;

/// What the device keeps, with room for more than there is.
std::vector<Cube> kept_on_device(const std::vector<Cube>& cubes, double nms_iou) {
  std::vector<Cube> with_room = cubes;
  with_room.resize(cubes.size() + 70, {{1, 1, 1}, 50, 99});
  const auto room = static_cast<std::int64_t>(with_room.size());
  const runtime::cuda::Stream stream;
  const DeviceArray<Cube> in(with_room), kept(with_room.size());
  const DeviceArray<CubeCounts> counts(std::vector<CubeCounts>{{static_cast<std::int32_t>(cubes.size()), 5, 7}}),
      kept_counts(1);
  const DeviceArray<unsigned long long> workspace(
      static_cast<std::size_t>(kernels::cuda::suppress_workspace_bytes(room)) / sizeof(unsigned long long));
  kernels::cuda::suppress_overlaps(in.data(), counts.data(), room, nms_iou, kept.data(), kept_counts.data(),
                                   workspace.data(), stream.get());
  static_cast<void>(workspace.download());  // its guards
  const CubeCounts found = kept_counts.download()[0];
  EXPECT_EQ(found.not_finite, 7);
  EXPECT_EQ(found.dropped, 0);
  auto best = kept.download();
  best.resize(static_cast<std::size_t>(found.kept));
  return best;
}

void expect_equal(const std::vector<Cube>& found, const std::vector<Cube>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(std::to_array(found[i].centre), std::to_array(expected[i].centre));
    EXPECT_EQ(found[i].side, expected[i].side);
    EXPECT_EQ(found[i].logit, expected[i].logit);
  }
}

void expect_like_the_cpu(const std::vector<Cube>& cubes, double nms_iou) {
  expect_equal(kept_on_device(cubes, nms_iou), kernels::suppress_overlaps(cubes, nms_iou));
}

/// Their centres are whole and their sides even, so that all volumes are whole numbers: is the IoU of two at least
/// per_mille / 1000?
bool overlap_in_whole_numbers(const Cube& a, const Cube& b, std::int64_t per_mille) {
  std::int64_t both = 1;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const double low = std::max(a.centre[axis] - a.side / 2, b.centre[axis] - b.side / 2);
    const double high = std::min(a.centre[axis] + a.side / 2, b.centre[axis] + b.side / 2);
    both *= std::max<std::int64_t>(0, std::llround(high - low));
  }
  const auto cubed = [](double side) { return std::llround(side * side * side); };
  return 1000 * both >= per_mille * (cubed(a.side) + cubed(b.side) - both);
}

TEST(CudaSuppression, IsTheNaiveOneInWholeNumbers) {
  Random random;
  for (const std::int64_t count : {1, 2, 63, 64, 65, 300})
    for (const std::int64_t per_mille : {0, 50, 125, 300, 1000}) {
      SCOPED_TRACE(random.trace(std::to_string(count) + " cubes, IoU " + std::to_string(per_mille) + "/1000"));
      std::vector<Cube> cubes;
      for (std::int64_t i = 0; i < count; ++i) {
        Cube cube;
        for (double& x : cube.centre) x = static_cast<double>(random(0, 40));
        cube.side = static_cast<double>(2 * random(1, 12));
        cubes.push_back(cube);
      }
      std::vector<bool> gone(cubes.size(), false);
      std::vector<Cube> expected;
      for (std::size_t i = 0; i < cubes.size(); ++i) {
        if (gone[i]) continue;
        expected.push_back(cubes[i]);
        for (std::size_t j = i + 1; j < cubes.size(); ++j)
          gone[j] = gone[j] || overlap_in_whole_numbers(cubes[i], cubes[j], per_mille);
      }
      expect_equal(kept_on_device(cubes, static_cast<double>(per_mille) / 1000), expected);
    }
}

TEST(CudaSuppression, KeepsWhatTheCpuKeeps) {
  Random random;
  for (const std::int64_t count : {1, 2, 63, 64, 65, 300})
    for (const double nms_iou : {0.0, 0.05, 0.3, 1.0}) {
      SCOPED_TRACE(random.trace(std::to_string(count) + " cubes, IoU " + std::to_string(nms_iou)));
      std::vector<Cube> cubes;
      for (std::int64_t i = 0; i < count; ++i) {
        Cube cube;
        for (double& x : cube.centre) x = static_cast<double>(random(0, 2000)) / 10;
        cube.side = static_cast<double>(random(50, 800)) / 10;
        cube.logit = static_cast<double>(count - i);
        cubes.push_back(cube);
      }
      expect_like_the_cpu(cubes, nms_iou);
    }
}

TEST(CudaSuppression, DropsAtTheThresholdItself) {
  // IoU 1/3, exactly representable sums: two cubes of side 2, one apart along an axis.
  const std::vector<Cube> cubes{{{0, 0, 0}, 2, 3}, {{1, 0, 0}, 2, 2}, {{2, 0, 0}, 2, 1}, {{0, 0, 0}, 2, 0}};
  expect_like_the_cpu(cubes, 4.0 / 12.0);
  expect_like_the_cpu(cubes, 0.34);
}

}  // namespace
}  // namespace pleura::test
