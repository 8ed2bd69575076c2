// From a mask head to the cubes that the CPU finds, in its order.
#include "kernels/cuda/regions/mask_head.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "device_array.hpp"
#include "device_components.hpp"
#include "pleura/error.hpp"
#include "runtime/cuda/stream.hpp"
#include "screening/candidates.hpp"

namespace pleura::test {
namespace {

namespace cuda = kernels::cuda;
using screening::Cube;

struct Problem {
  screening::NetworkGrid grid;
  weights::SegmenterSettings settings;
  double threshold = 0.5;
  std::int64_t beside = 0;  ///< channels of other tensors
  std::int64_t most = kernels::most_proposals;
  std::vector<float> logits;  ///< (d, h, w, 2 + beside)

  [[nodiscard]] const Index3& shape() const { return grid.volume.geometry.shape; }
  [[nodiscard]] std::int64_t pitch() const { return 2 + beside; }

  [[nodiscard]] layers::HostTensor head() const {
    layers::HostTensor tensor{{1, shape()[0], shape()[1], shape()[2], 2}, {}};
    for (std::int64_t i = 0; i < voxels(shape()); ++i)
      for (std::int64_t c = 0; c < 2; ++c) tensor.values.push_back(logits.at(i * pitch() + c));
    return tensor;
  }
};

/// Blobs of a few levels, so that many means are equal; exact in half precision.
Problem make_problem(Random& random, const Index3& shape, int blobs) {
  Problem problem;
  problem.grid.volume.geometry.shape = shape;
  problem.grid.volume.geometry.spacing = {2.5, 1.7, 2.1};
  problem.beside = random(0, 2);
  problem.settings.min_component_ml = static_cast<double>(random(0, 8)) * 0.008925;  // of a voxel
  for (std::int64_t i = 0; i < voxels(shape); ++i) {
    problem.grid.lungs.push_back(random(0, 19) == 0 ? 0 : static_cast<std::uint8_t>(random(1, 2)));
    for (std::int64_t c = 0; c < problem.pitch(); ++c) problem.logits.push_back(c == 0 ? 1.5F : c == 1 ? -1.0F : NAN);
  }
  for (int i = 0; i < blobs; ++i) {
    Index3 low, high;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      low[axis] = random(0, shape[axis] - 1);
      high[axis] = std::min(shape[axis], low[axis] + random(1, 4));
    }
    const float level = 1.25F + static_cast<float>(random(0, 3));
    for (std::int64_t z = low[0]; z < high[0]; ++z)
      for (std::int64_t y = low[1]; y < high[1]; ++y)
        for (std::int64_t x = low[2]; x < high[2]; ++x)
          problem.logits[static_cast<std::size_t>(((z * shape[1] + y) * shape[2] + x) * problem.pitch() + 1)] = level;
  }
  return problem;
}

template <class Element>
struct Decoded {
  std::int32_t not_finite = 0;
  cuda::CubeCounts counts;
  std::vector<cuda::ProposedCube> cubes;

  Decoded(const Problem& problem, std::size_t room) {
    const runtime::cuda::Stream stream;
    const Index3& shape = problem.shape();
    const DeviceArray<Element> values(as<Element>(problem.logits));
    const DeviceArray<std::uint8_t> lungs(problem.grid.lungs);
    const DeviceArray<std::uint64_t> bits(kernels::BitVolume(shape).words.size());
    const DeviceComponents parts(shape, room);
    const DeviceArray<unsigned long long> sums(room), keys(room);
    const DeviceArray<std::int32_t> wrong(1);
    const DeviceArray<cuda::CubeCounts> count(1);
    const DeviceArray<cuda::ProposedCube> best(static_cast<std::size_t>(problem.most));
    const cuda::MaskLogits<Element> logits{values.data(), shape, problem.pitch()};
    const auto& geometry = problem.grid.volume.geometry;
    cuda::find_foreground(logits, lungs.data(), screening::logit(problem.threshold), bits.data(), wrong.data(),
                          stream.get());
    cuda::count_runs(bits.data(), shape, parts.first_of_row.data(), stream.get());
    cuda::find_components(bits.data(), shape, kernels::Connectivity::in_volume, parts.buffers(), stream.get());
    cuda::sum_foreground(logits, parts.buffers(), sums.data(), stream.get());
    cuda::select_cubes(
        parts.buffers(), sums.data(),
        {shape, geometry.spacing, screening::least_component_voxels(problem.settings, geometry), problem.most},
        best.data(), count.data(), keys.data(), stream.get());
    not_finite = wrong.download()[0];
    counts = count.download()[0];
    cubes = best.download();
    for (const auto* guarded : {&sums, &keys}) static_cast<void>(guarded->download());
    static_cast<void>(bits.download());
  }
};

/// Returns how many cubes there are.
template <class Element>
std::size_t expect_like_the_cpu(const Problem& problem) {
  const auto all = screening::decode_mask(problem.head(), problem.grid, problem.settings, problem.threshold, 1);
  const auto expected = screening::keep_best(all, static_cast<std::size_t>(problem.most));
  const Decoded<Element> decoded(problem, most_runs(problem.shape()));
  EXPECT_EQ(decoded.not_finite, 0);
  EXPECT_EQ(decoded.counts.found, static_cast<std::int32_t>(all.size()));
  EXPECT_EQ(decoded.counts.kept, static_cast<std::int32_t>(expected.size()));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(std::to_array(decoded.cubes.at(i).centre), expected[i].centre);
    EXPECT_EQ(decoded.cubes.at(i).side, expected[i].side);
    EXPECT_NEAR(decoded.cubes.at(i).logit, expected[i].logit, 1e-7);  // a part of 2^-31
  }
  return all.size();
}

TEST(CudaMaskHead, GivesTheCpusCubesInItsOrder) {
  Random random;
  std::size_t found = 0;
  for (const Index3& shape : shapes(random))
    for (const std::int64_t most : {std::int64_t{1}, random(2, 6), kernels::most_proposals}) {
      Problem problem = make_problem(random, shape, static_cast<int>(1 + voxels(shape) / 120));
      problem.most = most;
      SCOPED_TRACE(random.trace(name(shape) + ", best " + std::to_string(most)));
      found += expect_like_the_cpu<float>(problem);
      expect_like_the_cpu<__half>(problem);
    }
  EXPECT_GT(found, 100U);
}

TEST(CudaMaskHead, TakesAllOfTheLungsAtAThresholdOf0AndNothingAt1) {
  Random random;
  Problem problem = make_problem(random, {3, 5, 70}, 6);
  problem.settings.min_component_ml = 0;
  problem.threshold = 0;
  EXPECT_GE(expect_like_the_cpu<float>(problem), 1U);
  problem.threshold = 1;
  EXPECT_EQ(expect_like_the_cpu<float>(problem), 0U);
}

TEST(CudaMaskHead, SaysThatAValueIsNotFinite) {
  Random random;
  for (const float bad : {NAN, std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()}) {
    Problem problem = make_problem(random, {2, 3, 70}, 4);
    for (const std::int64_t voxel : {5, 69, 300})
      problem.logits[static_cast<std::size_t>(voxel * problem.pitch())] = bad;
    EXPECT_EQ(Decoded<float>(problem, most_runs(problem.shape())).not_finite, 3);
    EXPECT_EQ(Decoded<__half>(problem, most_runs(problem.shape())).not_finite, 3);
  }
}

TEST(CudaMaskHead, RefusesMoreThanCanBeSorted) {
  cuda::ComponentCubes how;
  how.most = kernels::most_proposals + 1;
  EXPECT_THROW(cuda::select_cubes({}, nullptr, how, nullptr, nullptr, nullptr, nullptr), Error);
}

}  // namespace
}  // namespace pleura::test
