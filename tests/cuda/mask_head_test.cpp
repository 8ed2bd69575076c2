// From a mask head to the cubes that the CPU finds, in its order.
#include "kernels/cuda/regions/mask_head.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "device_array.hpp"
#include "device_components.hpp"
#include "kernels/head_problems.hpp"
#include "pleura/error.hpp"
#include "runtime/cuda/stream.hpp"

namespace pleura::test {
namespace {

namespace cuda = kernels::cuda;
using kernels::Cube;

kernels::FoundCubes on_device(const MaskProblem& problem) {
  const runtime::cuda::Stream stream;
  const Index3& shape = problem.shape;
  const std::size_t room = most_runs(shape);
  const DeviceArray<float> values(problem.logits);
  const DeviceArray<std::uint8_t> lungs(problem.lungs);
  const DeviceArray<std::uint64_t> bits(kernels::BitVolume(shape).words.size());
  const DeviceComponents parts(shape, room);
  const DeviceArray<unsigned long long> sums(room), keys(room);
  const DeviceArray<kernels::CubeCounts> counts(1);
  const DeviceArray<Cube> best(static_cast<std::size_t>(problem.how.most));
  const cuda::MaskLogits logits{values.data(), shape, problem.pitch()};
  cuda::find_foreground(logits, lungs.data(), problem.how.lowest_logit, bits.data(), counts.data(), stream.get());
  cuda::count_runs(bits.data(), shape, parts.first_of_row.data(), stream.get());
  cuda::find_components(bits.data(), shape, kernels::Connectivity::in_volume, parts.buffers(), stream.get());
  cuda::sum_foreground(logits, parts.buffers(), sums.data(), stream.get());
  cuda::select_cubes(parts.buffers(), shape, sums.data(), problem.how, best.data(), counts.data(), keys.data(),
                     stream.get());
  for (const auto* guarded : {&sums, &keys}) static_cast<void>(guarded->download());
  static_cast<void>(bits.download());
  kernels::FoundCubes found{best.download(), counts.download()[0]};
  found.best.resize(static_cast<std::size_t>(found.counts.kept));
  return found;
}

/// Returns how many cubes there are.
std::int32_t expect_like_the_cpu(const MaskProblem& problem) {
  const kernels::FoundCubes expected = kernels::enclose_foreground(problem.head(), problem.lungs, problem.how, 1);
  const kernels::FoundCubes found = on_device(problem);
  EXPECT_EQ(found.counts.not_finite, 0);
  EXPECT_EQ(found.counts.dropped, expected.counts.dropped);
  EXPECT_EQ(found.counts.kept, expected.counts.kept);
  for (std::size_t i = 0; i < expected.best.size(); ++i) {
    EXPECT_EQ(std::to_array(found.best.at(i).centre), std::to_array(expected.best[i].centre));
    EXPECT_EQ(found.best.at(i).side, expected.best[i].side);
    EXPECT_NEAR(found.best.at(i).logit, expected.best[i].logit, 1e-7);  // a part of 2^-31
  }
  return expected.counts.kept + expected.counts.dropped;
}

TEST(CudaMaskHead, GivesTheCpusCubesInItsOrder) {
  Random random;
  std::int32_t found = 0;
  for (const Index3& shape : shapes(random))
    for (const std::int64_t most : {std::int64_t{1}, random(2, 6), kernels::most_proposals}) {
      MaskProblem problem = draw_mask_head(random, shape, static_cast<int>(1 + voxels(shape) / 120));
      problem.how.most = most;
      SCOPED_TRACE(random.trace(name(shape) + ", best " + std::to_string(most)));
      found += expect_like_the_cpu(problem);
    }
  EXPECT_GT(found, 100);
}

TEST(CudaMaskHead, TakesAllOfTheLungsAtAThresholdOf0AndNothingAt1) {
  Random random;
  MaskProblem problem = draw_mask_head(random, {3, 5, 70}, 6);
  problem.how.least_voxels = 1;
  problem.how.lowest_logit = -std::numeric_limits<double>::infinity();
  EXPECT_GE(expect_like_the_cpu(problem), 1);
  problem.how.lowest_logit = std::numeric_limits<double>::infinity();
  EXPECT_EQ(expect_like_the_cpu(problem), 0);
}

TEST(CudaMaskHead, SaysThatAValueIsNotFinite) {
  Random random;
  for (const float bad : {NAN, std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()}) {
    MaskProblem problem = draw_mask_head(random, {2, 3, 70}, 4);
    for (const std::int64_t voxel : {5, 69, 300})
      problem.logits[static_cast<std::size_t>(voxel * problem.pitch())] = bad;
    EXPECT_EQ(on_device(problem).counts.not_finite, 3);
  }
}

TEST(CudaMaskHead, RefusesMoreThanCanBeSorted) {
  kernels::MaskDecoding how;
  how.most = kernels::most_proposals + 1;
  EXPECT_THROW(cuda::select_cubes({}, {1, 1, 1}, nullptr, how, nullptr, nullptr, nullptr, nullptr), Error);
}

}  // namespace
}  // namespace pleura::test
