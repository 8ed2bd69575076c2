// From a region-proposal head to the cubes that the CPU finds, in its order.
#include "kernels/cuda/regions/proposals.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "device_array.hpp"
#include "pleura/error.hpp"
#include "random.hpp"
#include "runtime/cuda/stream.hpp"
#include "screening/candidates.hpp"

namespace pleura::test {
namespace {

namespace cuda = kernels::cuda;
using screening::Cube;

struct Problem {
  Index3 cells{1, 1, 1};
  std::int64_t extra_classes = 0, beside = 0;  ///< channels of other tensors
  double threshold = 0.047;
  std::int64_t most = kernels::most_proposals;
  weights::SegmenterSettings settings;
  std::vector<float> logits;  ///< (d, h, w, anchors * (5 + extra_classes) + beside)

  [[nodiscard]] std::int64_t channels() const {
    return static_cast<std::int64_t>(settings.anchors_mm.size()) * (5 + extra_classes);
  }
  [[nodiscard]] std::int64_t pitch() const { return channels() + beside; }

  /// Without the channels beside, which read as not finite.
  [[nodiscard]] layers::HostTensor head() const {
    layers::HostTensor tensor{{1, cells[0], cells[1], cells[2], channels()}, {}};
    for (std::int64_t i = 0; i < cells[0] * cells[1] * cells[2]; ++i)
      for (std::int64_t c = 0; c < channels(); ++c) tensor.values.push_back(logits.at(i * pitch() + c));
    return tensor;
  }
};

/// Logits of few values, so that many are equal; exact in half precision.
Problem make_problem(Random& random, const Index3& cells, std::size_t anchors, std::int64_t extra_classes) {
  Problem problem;
  problem.cells = cells;
  problem.extra_classes = extra_classes;
  problem.beside = random(0, 3);
  problem.settings.spacing_mm = {2.5, 1.7, 2.1};
  problem.settings.anchors_mm.clear();
  for (std::size_t a = 0; a < anchors; ++a)
    problem.settings.anchors_mm.push_back(static_cast<double>(random(50, 600)) / 10);
  for (std::int64_t i = 0; i < cells[0] * cells[1] * cells[2] * problem.pitch(); ++i) {
    const std::int64_t channel = i % problem.pitch();
    const float small = static_cast<float>(random(-64, 64)) / 64;
    problem.logits.push_back(channel >= problem.channels()        ? NAN
                             : channel % (5 + extra_classes) == 0 ? static_cast<float>(random(-9, 3)) / 2
                             : channel % (5 + extra_classes) == 4 ? 6 * small
                                                                  : small);
  }
  return problem;
}

cuda::ProposalHead head_of(const Problem& problem, const double* anchors_mm) {
  cuda::ProposalHead head;
  head.cells = problem.cells;
  head.pitch = problem.pitch();
  head.anchors = static_cast<std::int64_t>(problem.settings.anchors_mm.size());
  head.values = 5 + problem.extra_classes;
  head.stride = screening::kHeadStride;
  head.spacing_mm = problem.settings.spacing_mm;
  head.anchors_mm = anchors_mm;
  head.lowest_logit = screening::logit(problem.threshold);
  head.largest_log_scale = screening::kLargestLogScale;
  return head;
}

/// What the device found, in device memory.
template <class Element>
struct Decoded {
  DeviceArray<Element> logits;
  DeviceArray<double> anchors_mm;
  DeviceArray<cuda::ProposedCube> cubes;
  DeviceArray<cuda::ProposalCounts> counts{1};

  Decoded(const Problem& problem, cudaStream_t stream)
      : logits(as<Element>(problem.logits)),
        anchors_mm(problem.settings.anchors_mm),
        cubes(static_cast<std::size_t>(problem.most)) {
    const cuda::ProposalHead head = head_of(problem, anchors_mm.data());
    // Of 4-byte values: bytes that are not a multiple of 8.
    const auto words = static_cast<std::size_t>(cuda::decode_proposals_workspace_bytes(head)) / 4;
    const DeviceArray<std::int32_t> workspace(words);
    cuda::decode_proposals(logits.data(), head, problem.most, cubes.data(), counts.data(), workspace.data(), stream);
    static_cast<void>(workspace.download());  // its guards
  }
};

void expect_cube(const cuda::ProposedCube& found, const Cube& expected) {
  for (std::size_t axis = 0; axis < 3; ++axis) EXPECT_EQ(found.centre[axis], expected.centre[axis]);
  EXPECT_DOUBLE_EQ(found.side, expected.side);
  EXPECT_EQ(found.logit, expected.logit);
}

template <class Element>
void expect_like_the_cpu(const Problem& problem) {
  const runtime::cuda::Stream stream;
  const auto all =
      screening::decode_proposals(problem.head(), problem.settings, problem.extra_classes, problem.threshold);
  const auto expected = screening::keep_best(all, static_cast<std::size_t>(problem.most));
  const Decoded<Element> decoded(problem, stream.get());
  const cuda::ProposalCounts counts = decoded.counts.download()[0];
  EXPECT_EQ(counts.found, static_cast<std::int32_t>(all.size()));
  EXPECT_EQ(counts.not_finite, 0);
  ASSERT_EQ(counts.kept, static_cast<std::int32_t>(expected.size()));
  const auto cubes = decoded.cubes.download();
  for (std::size_t i = 0; i < expected.size(); ++i) expect_cube(cubes[i], expected[i]);
}

TEST(CudaProposals, AreTheCpusInItsOrder) {
  Random random;
  const std::vector<Index3> shapes{{1, 1, 1}, {1, 1, 33}, {3, 5, 7}, {2, 1, 64}, {5, 6, 11}};
  for (const Index3& cells : shapes)
    for (const std::size_t anchors : {1, 3, 64})
      for (const std::int64_t most : {std::int64_t{1}, std::int64_t{5}, random(2, 300), kernels::most_proposals}) {
        Problem problem = make_problem(random, cells, anchors, random(0, 2));
        problem.most = most;
        SCOPED_TRACE(random.trace(std::to_string(cells[0]) + "x" + std::to_string(cells[1]) + "x" +
                                  std::to_string(cells[2]) + " x " + std::to_string(anchors) + ", best " +
                                  std::to_string(most)));
        expect_like_the_cpu<float>(problem);
        expect_like_the_cpu<__half>(problem);
      }
}

TEST(CudaProposals, AreTheBestOfMoreThanFitAndOfLogitsAllAlike) {
  Random random;
  Problem problem = make_problem(random, {7, 16, 17}, 3, 0);
  problem.threshold = 0;
  expect_like_the_cpu<float>(problem);
  for (std::size_t i = 0; i < problem.logits.size(); ++i)
    if (static_cast<std::int64_t>(i) % problem.pitch() % 5 == 0) problem.logits[i] = i % 3 == 0 ? -0.0F : 0.0F;
  expect_like_the_cpu<float>(problem);
  problem.most = 100;
  expect_like_the_cpu<float>(problem);
}

TEST(CudaProposals, OfFinelyGradedLogitsAreTheBest) {
  Random random;
  Problem problem = make_problem(random, {5, 9, 13}, 2, 1);
  const auto values = random.values(static_cast<std::int64_t>(problem.logits.size()), 1e-3F);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (static_cast<std::int64_t>(i) % problem.pitch() < problem.channels()) problem.logits[i] = values[i];
  problem.threshold = 0.49999;
  for (const std::int64_t most : {3, 77, 500}) {
    problem.most = most;
    expect_like_the_cpu<float>(problem);
  }
}

TEST(CudaProposals, MayBeNone) {
  Random random;
  Problem problem = make_problem(random, {2, 3, 5}, 3, 0);
  problem.threshold = 1;
  expect_like_the_cpu<float>(problem);
}

TEST(CudaProposals, SayThatAValueIsNotFinite) {
  Random random;
  const runtime::cuda::Stream stream;
  for (const float bad : {NAN, std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()})
    for (const std::int64_t channel : {0, 4, 6}) {
      Problem problem = make_problem(random, {2, 3, 5}, 2, 2);
      problem.logits[static_cast<std::size_t>(17 * problem.pitch() + channel)] = bad;
      problem.logits[static_cast<std::size_t>(3 * problem.pitch() + channel + 7)] = bad;
      EXPECT_EQ(Decoded<float>(problem, stream.get()).counts.download()[0].not_finite, 2);
      EXPECT_EQ(Decoded<__half>(problem, stream.get()).counts.download()[0].not_finite, 2);
    }
}

TEST(CudaProposals, RefuseMoreThanCanBeSorted) {
  const Problem problem;
  const cuda::ProposalHead head = head_of(problem, nullptr);
  const float* none = nullptr;
  EXPECT_THROW(cuda::decode_proposals(none, head, 4097, nullptr, nullptr, nullptr, nullptr), Error);
  EXPECT_THROW(cuda::decode_proposals(none, head, 0, nullptr, nullptr, nullptr, nullptr), Error);
}

/// Decodes, suppresses and keeps what lies in the lungs, as find_candidates does.
void expect_chain_like_the_cpu(const Problem& problem, const screening::NetworkGrid& grid, std::int32_t most) {
  const runtime::cuda::Stream stream;
  const auto best = screening::keep_best(
      screening::decode_proposals(problem.head(), problem.settings, problem.extra_classes, problem.threshold),
      static_cast<std::size_t>(problem.most));
  auto expected = screening::keep_inside_lungs(screening::suppress_overlaps(best, problem.settings.nms_iou), grid);
  const auto dropped = static_cast<std::int32_t>(expected.size()) - most;
  expected = screening::keep_best(expected, static_cast<std::size_t>(most));

  const Decoded<float> decoded(problem, stream.get());
  const std::int64_t count = decoded.counts.download()[0].kept;
  ASSERT_GT(count, 0);
  const DeviceArray<std::int32_t> kept(static_cast<std::size_t>(count)), kept_count(1);
  const DeviceArray<unsigned long long> workspace(static_cast<std::size_t>(cuda::suppress_workspace_bytes(count)) /
                                                  sizeof(unsigned long long));
  cuda::suppress_overlaps(decoded.cubes.data(), count, problem.settings.nms_iou, kept.data(), kept_count.data(),
                          workspace.data(), stream.get());
  const DeviceArray<std::uint8_t> lungs(grid.lungs);
  const DeviceArray<cuda::ProposedCube> inside(static_cast<std::size_t>(most));
  const DeviceArray<cuda::InsideCounts> counts(1);
  const auto& geometry = grid.volume.geometry;
  cuda::keep_inside_lungs(decoded.cubes.data(), kept.data(), kept_count.data(),
                          {geometry.shape, geometry.spacing, lungs.data()}, most, inside.data(), counts.data(),
                          stream.get());
  const cuda::InsideCounts found = counts.download()[0];
  ASSERT_EQ(found.kept, static_cast<std::int32_t>(expected.size()));
  EXPECT_EQ(found.dropped, std::max(dropped, 0));
  const auto cubes = inside.download();
  for (std::size_t i = 0; i < expected.size(); ++i) expect_cube(cubes[i], expected[i]);
}

TEST(CudaProposals, SuppressedAndInsideTheLungsAreTheCpus) {
  Random random;
  for (const std::int64_t lung_percent : {0, 3, 60, 100})
    for (const std::int32_t most : {0, 1, 32, 1000}) {
      SCOPED_TRACE(random.trace(std::to_string(lung_percent) + " % lung, most " + std::to_string(most)));
      Problem problem = make_problem(random, {4, 5, 6}, 3, 0);
      for (double& anchor : problem.settings.anchors_mm) anchor /= 10;
      problem.settings.nms_iou = 0.2;
      screening::NetworkGrid grid;
      grid.volume.geometry.shape = {16, 20, 24};
      grid.volume.geometry.spacing = problem.settings.spacing_mm;
      for (std::int64_t i = 0; i < grid.volume.geometry.voxels(); ++i)
        grid.lungs.push_back(random(0, 99) < lung_percent ? static_cast<std::uint8_t>(random(1, 2)) : 0);
      expect_chain_like_the_cpu(problem, grid, most);
    }
}

}  // namespace
}  // namespace pleura::test
