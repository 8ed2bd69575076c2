// From a region-proposal head to the cubes that the CPU finds, in its order.
#include "kernels/cuda/regions/proposals.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "device_array.hpp"
#include "instruments.hpp"
#include "kernels/head_problems.hpp"
#include "pleura/error.hpp"
#include "runtime/cuda/stream.hpp"

namespace pleura::test {
namespace {

namespace cuda = kernels::cuda;
using kernels::Cube;
using kernels::FoundCubes;

cuda::ProposalHead head_of(const HeadProblem& problem, const double* anchors_mm) {
  return {problem.cells,    problem.pitch(),          static_cast<std::int64_t>(problem.how.anchors_mm.size()),
          problem.values(), problem.how.stride,       problem.how.spacing_mm,
          anchors_mm,       problem.how.lowest_logit, problem.how.largest_log_scale};
}

/// What the device finds.
FoundCubes decode(const HeadProblem& problem) {
  const runtime::cuda::Stream stream;
  const DeviceArray<float> logits(problem.logits);
  const DeviceArray<double> anchors_mm(problem.how.anchors_mm);
  const DeviceArray<Cube> cubes(static_cast<std::size_t>(problem.most));
  const DeviceArray<kernels::CubeCounts> counts(1);
  const cuda::ProposalHead head = head_of(problem, anchors_mm.data());
  // Of 4-byte values: bytes that are not a multiple of 8.
  const DeviceArray<std::int32_t> workspace(static_cast<std::size_t>(cuda::decode_proposals_workspace_bytes(head)) / 4);
  cuda::decode_proposals(logits.data(), head, problem.most, cubes.data(), counts.data(), workspace.data(),
                         stream.get());
  static_cast<void>(workspace.download());  // its guards
  FoundCubes found{cubes.download(), counts.download()[0]};
  found.best.resize(static_cast<std::size_t>(found.counts.kept));
  return found;
}

void expect_cube(const Cube& found, const Cube& expected) {
  for (std::size_t axis = 0; axis < 3; ++axis) EXPECT_EQ(found.centre[axis], expected.centre[axis]);
  EXPECT_DOUBLE_EQ(found.side, expected.side);
  EXPECT_EQ(found.logit, expected.logit);
}

void expect_cubes(const FoundCubes& found, const std::vector<Cube>& expected, std::size_t dropped) {
  EXPECT_EQ(found.counts.dropped, static_cast<std::int32_t>(dropped));
  EXPECT_EQ(found.counts.not_finite, 0);
  ASSERT_EQ(found.best.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) expect_cube(found.best[i], expected[i]);
}

void expect_like_the_cpu(const HeadProblem& problem) {
  std::vector<Cube> expected = kernels::decode_proposals(problem.head(problem.logits.data()), problem.how).best;
  const std::size_t all = expected.size();
  kernels::keep_best(expected, static_cast<std::size_t>(problem.most));
  expect_cubes(decode(problem), expected, all - expected.size());
}

TEST(CudaProposals, AreTheCpusInItsOrder) {
  Random random;
  const std::vector<Index3> shapes{{1, 1, 1}, {1, 1, 33}, {3, 5, 7}, {2, 1, 64}, {5, 6, 11}};
  for (const Index3& cells : shapes)
    for (const std::size_t anchors : {1, 3, 64})
      for (const std::int64_t most : {std::int64_t{1}, std::int64_t{5}, random(2, 300), kernels::most_proposals}) {
        HeadProblem problem = draw_head(random, cells, anchors, random(0, 2));
        problem.most = most;
        SCOPED_TRACE(random.trace(std::to_string(cells[0]) + "x" + std::to_string(cells[1]) + "x" +
                                  std::to_string(cells[2]) + " x " + std::to_string(anchors) + ", best " +
                                  std::to_string(most)));
        expect_like_the_cpu(problem);
      }
}

TEST(CudaProposals, AreTheBestOfMoreThanFitAndOfLogitsAllAlike) {
  Random random;
  HeadProblem problem = draw_head(random, {7, 16, 17}, 3, 0);
  problem.set_threshold(0);
  expect_like_the_cpu(problem);
  for (std::size_t i = 0; i < problem.logits.size(); ++i)
    if (static_cast<std::int64_t>(i) % problem.pitch() % 5 == 0) problem.logits[i] = i % 3 == 0 ? -0.0F : 0.0F;
  expect_like_the_cpu(problem);
  problem.most = 100;
  expect_like_the_cpu(problem);
}

TEST(CudaProposals, OfFinelyGradedLogitsAreTheBest) {
  Random random;
  HeadProblem problem = draw_head(random, {5, 9, 13}, 2, 1);
  const auto values = random.values(static_cast<std::int64_t>(problem.logits.size()), 1e-3F);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (static_cast<std::int64_t>(i) % problem.pitch() < problem.channels()) problem.logits[i] = values[i];
  problem.set_threshold(0.49999);
  for (const std::int64_t most : {3, 77, 500}) {
    problem.most = most;
    expect_like_the_cpu(problem);
  }
}

TEST(CudaProposals, BeyondWhatIsSortedAreCountedAsByTheCpu) {
  Random random;
  Instruments on;
  HeadProblem problem = draw_head(random, {7, 16, 17}, 3, 0);
  problem.set_threshold(0);
  const auto counts = [&](kernels::Instrument& one, const float* logits) {
    const kernels::CubeCounts found = one.read(one.decode(problem.head(logits), problem.how)).counts;
    return std::pair(found.kept, found.dropped);
  };
  const DeviceArray<float> logits(problem.logits);
  const auto expected = counts(on.cpu(), problem.logits.data());
  EXPECT_EQ(counts(on.cuda(), logits.data()), expected);
  EXPECT_EQ(expected, std::pair(4096, 7 * 16 * 17 * 3 - 4096));
}

TEST(CudaProposals, MayBeNone) {
  Random random;
  HeadProblem problem = draw_head(random, {2, 3, 5}, 3, 0);
  problem.set_threshold(1);
  expect_like_the_cpu(problem);
}

TEST(CudaProposals, SayThatAValueIsNotFinite) {
  Random random;
  for (const float bad : {NAN, std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()})
    for (const std::int64_t channel : {0, 4, 6}) {
      HeadProblem problem = draw_head(random, {2, 3, 5}, 2, 2);
      problem.logits[static_cast<std::size_t>(17 * problem.pitch() + channel)] = bad;
      problem.logits[static_cast<std::size_t>(3 * problem.pitch() + channel + 7)] = bad;
      EXPECT_EQ(decode(problem).counts.not_finite, 2);
    }
}

TEST(CudaProposals, RefuseMoreThanCanBeSorted) {
  const HeadProblem problem;
  const cuda::ProposalHead head = head_of(problem, nullptr);
  EXPECT_THROW(cuda::decode_proposals(nullptr, head, 4097, nullptr, nullptr, nullptr, nullptr), Error);
  EXPECT_THROW(cuda::decode_proposals(nullptr, head, 0, nullptr, nullptr, nullptr, nullptr), Error);
}

TEST(CudaProposals, SuppressedAndInsideTheLungsAreTheCpus) {
  Random random;
  Instruments on;
  const Index3 shape{16, 20, 24};
  for (const std::int64_t lung_percent : {0, 3, 60, 100})
    for (const std::int64_t most : {0, 1, 32, 1000}) {
      SCOPED_TRACE(random.trace(std::to_string(lung_percent) + " % lung, most " + std::to_string(most)));
      HeadProblem problem = draw_head(random, {4, 5, 6}, 3, 0);
      for (double& anchor : problem.how.anchors_mm) anchor /= 10;
      std::vector<std::uint8_t> lungs;
      for (std::int64_t i = 0; i < voxels(shape); ++i)
        lungs.push_back(random(0, 99) < lung_percent ? static_cast<std::uint8_t>(random(1, 2)) : 0);
      const auto run = [&](kernels::Instrument& one, const float* logits) {
        const kernels::Cubes decoded = one.decode(problem.head(logits), problem.how);
        const kernels::Labels labels = one.take(lungs, shape);
        return one.read(one.keep_inside(one.suppress(decoded, 0.2), labels, problem.how.spacing_mm, most));
      };
      const FoundCubes expected = run(on.cpu(), problem.logits.data());
      const DeviceArray<float> logits(problem.logits);
      expect_cubes(run(on.cuda(), logits.data()), expected.best, static_cast<std::size_t>(expected.counts.dropped));
      if (lung_percent == 100 && most == 1) {
        EXPECT_GT(expected.counts.dropped, 5);
      }
    }
}

}  // namespace
}  // namespace pleura::test
