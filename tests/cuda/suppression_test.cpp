// Non-maximum suppression: the cubes that the CPU keeps.
#include "kernels/cuda/suppression.hpp"

#include <gtest/gtest.h>

#include "device_array.hpp"
#include "random.hpp"
#include "runtime/cuda/stream.hpp"
#include "screening/candidates.hpp"

namespace pleura::test {
namespace {

void expect_like_the_cpu(const std::vector<screening::Cube>& cubes, double nms_iou) {
  std::vector<kernels::cuda::ProposedCube> proposed;
  for (const screening::Cube& cube : cubes)
    proposed.push_back({{cube.centre[0], cube.centre[1], cube.centre[2]}, cube.side, cube.logit});
  const auto count = static_cast<std::int64_t>(cubes.size());
  const runtime::cuda::Stream stream;
  const DeviceArray<kernels::cuda::ProposedCube> in(proposed);
  const DeviceArray<std::int32_t> kept(cubes.size()), kept_count(1);
  const DeviceArray<unsigned long long> workspace(
      static_cast<std::size_t>(kernels::cuda::suppress_workspace_bytes(count)) / sizeof(unsigned long long));
  kernels::cuda::suppress_overlaps(in.data(), count, nms_iou, kept.data(), kept_count.data(), workspace.data(),
                                   stream.get());
  static_cast<void>(workspace.download());  // its guards
  const std::vector<screening::Cube> expected = screening::suppress_overlaps(cubes, nms_iou);
  ASSERT_EQ(kept_count.download()[0], static_cast<std::int32_t>(expected.size()));
  const auto numbers = kept.download();
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const screening::Cube& cube = cubes.at(static_cast<std::size_t>(numbers[i]));
    EXPECT_EQ(cube.centre, expected[i].centre);
    EXPECT_EQ(cube.side, expected[i].side);
    EXPECT_EQ(cube.logit, expected[i].logit);
  }
}

TEST(CudaSuppression, KeepsWhatTheCpuKeeps) {
  Random random;
  for (const std::int64_t count : {1, 2, 63, 64, 65, 300})
    for (const double nms_iou : {0.0, 0.05, 0.3, 1.0}) {
      SCOPED_TRACE(random.trace(std::to_string(count) + " cubes, IoU " + std::to_string(nms_iou)));
      std::vector<screening::Cube> cubes;
      for (std::int64_t i = 0; i < count; ++i) {
        screening::Cube cube;
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
  const std::vector<screening::Cube> cubes{{{0, 0, 0}, 2, 3}, {{1, 0, 0}, 2, 2}, {{2, 0, 0}, 2, 1}, {{0, 0, 0}, 2, 0}};
  expect_like_the_cpu(cubes, 4.0 / 12.0);
  expect_like_the_cpu(cubes, 0.34);
}

}  // namespace
}  // namespace pleura::test
