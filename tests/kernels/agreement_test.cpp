// The CPU's instrument for volumes is the naive one of the device `reference`, bit for bit: the tests of
// agreement_*_test.cpp, and here what reads and writes the networks' tensors.
#include <gtest/gtest.h>

#include <limits>

#include "kernels/head_problems.hpp"

namespace pleura::test {
namespace {

using kernels::FoundCubes;
using kernels::Instrument;

const DeviceNames reference_and_cpu{"reference", "cpu"};

INSTANTIATE_TEST_SUITE_P(CpuAndReference, InstrumentsAgree, ::testing::Values(reference_and_cpu));

/// Every number of what was found.
std::vector<double> numbers_of(const FoundCubes& found) {
  std::vector<double> numbers{static_cast<double>(found.counts.kept), static_cast<double>(found.counts.dropped),
                              static_cast<double>(found.counts.not_finite)};
  for (const auto& [centre, side, logit] : found.best)
    numbers.insert(numbers.end(), {centre[0], centre[1], centre[2], side, logit});
  return numbers;
}

/// Decoded, suppressed, and those in the lungs.
std::vector<std::vector<double>> propose(Instrument& on, const HeadProblem& problem, double nms_iou,
                                         const std::vector<std::uint8_t>& lungs, const Index3& shape,
                                         std::int64_t most) {
  const kernels::Cubes decoded = on.decode(problem.head(problem.logits.data()), problem.how);
  const kernels::Cubes apart = on.suppress(decoded, nms_iou);
  const kernels::Cubes inside = on.keep_inside(apart, on.take(lungs, shape), problem.how.spacing_mm, most);
  return {numbers_of(on.read(decoded)), numbers_of(on.read(apart)), numbers_of(on.read(inside))};
}

TEST(ReferenceInstrument, ProposesTheCpusCubes) {
  Random random;
  InstrumentPair on(reference_and_cpu);
  const Index3 shape{16, 20, 24};
  double kept = 0, dropped = 0;
  for (const Index3& cells : {Index3{1, 1, 1}, {1, 1, 33}, {3, 5, 7}, {4, 5, 6}})
    for (const double probability : {0.0, 0.3, 1.0})
      for (const std::int64_t most : {0, 3, 1000}) {
        HeadProblem problem = draw_head(random, cells, static_cast<std::size_t>(random(1, 4)), random(0, 2));
        problem.set_threshold(probability);
        for (double& anchor : problem.how.anchors_mm) anchor /= 10;
        std::vector<std::uint8_t> lungs;
        for (std::int64_t i = 0; i < voxels(shape); ++i) lungs.push_back(static_cast<std::uint8_t>(random(0, 2)));
        SCOPED_TRACE(random.trace(name(cells) + " cells at " + std::to_string(probability)));
        const auto found = on.both([&](Instrument& one) { return propose(one, problem, 0.1, lungs, shape, most); });
        kept += found.back()[0];
        dropped += found.back()[1];
      }
  EXPECT_GT(kept, 20);
  EXPECT_GT(dropped, 20);
}

TEST(ReferenceInstrument, DropsAndRefusesTheCubesThatTheCpuDoes) {
  Random random;
  InstrumentPair on(reference_and_cpu);
  const auto decode = [&](const HeadProblem& problem) {
    return on.both([&](Instrument& one) {
      return numbers_of(one.read(one.decode(problem.head(problem.logits.data()), problem.how)));
    });
  };
  HeadProblem problem = draw_head(random, {7, 15, 14}, 3, 0);
  problem.set_threshold(0);
  EXPECT_EQ(decode(problem)[1], 7 * 15 * 14 * 3 - kernels::most_proposals);
  for (const float bad : {NAN, std::numeric_limits<float>::infinity()}) {
    problem.logits[static_cast<std::size_t>(11 * problem.pitch() + 2)] = bad;
    problem.logits[static_cast<std::size_t>(12 * problem.pitch() + 9)] = bad;
    EXPECT_EQ(decode(problem), (std::vector<double>{0, 0, 2}));
  }
}

TEST(ReferenceInstrument, EnclosesTheCpusCubes) {
  Random random;
  InstrumentPair on(reference_and_cpu);
  const auto enclose = [&](const MaskProblem& problem) {
    return on.both([&](Instrument& one) {
      return numbers_of(one.read(one.enclose(problem.head(), one.take(problem.lungs, problem.shape), problem.how)));
    });
  };
  double found = 0;
  for (const Index3& shape : shapes(random))
    for (const std::int64_t most : {std::int64_t{1}, std::int64_t{3}, kernels::most_proposals})
      for (const double lowest :
           {0.5, std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()}) {
        MaskProblem problem = draw_mask_head(random, shape, static_cast<int>(1 + voxels(shape) / 120));
        problem.how.most = most;
        problem.how.lowest_logit = lowest;
        SCOPED_TRACE(random.trace(name(shape) + ", best " + std::to_string(most)));
        found += enclose(problem)[0];
      }
  EXPECT_GT(found, 100);
  MaskProblem bad = draw_mask_head(random, {2, 3, 70}, 4);
  for (const std::int64_t voxel : {5, 69, 300}) bad.logits[static_cast<std::size_t>(voxel * bad.pitch())] = NAN;
  EXPECT_EQ(enclose(bad), (std::vector<double>{0, 0, 3}));
}

/// What fill(instrument, tensor) puts into a tensor among channels of others.
template <class Fill>
void expect_same_tensor(InstrumentPair& on, const runtime::Shape& shape, const Fill& fill) {
  for (const auto type : {runtime::DType::f32, runtime::DType::f16, runtime::DType::bf16}) {
    const runtime::TensorDesc desc{type, shape, shape.c + 2};
    on.both([&](Instrument& one) {
      std::vector<std::uint32_t> memory(static_cast<std::size_t>(shape.voxels() * desc.pitch), 0xc0ffee);
      fill(one, runtime::TensorView{desc, memory.data()});
      return memory;
    });
  }
}

TEST(ReferenceInstrument, WindowsAsTheCpuDoes) {
  Random random;
  InstrumentPair on(reference_and_cpu);
  const Index3 shape{3, 7, 53}, patches{4 * kernels::patch_slices, 9, 9};
  const auto hu = random_hu(voxels(shape), 3), of_patches = random_hu(voxels(patches), 4);
  for (const kernels::Window& window : {kernels::Window{-1200, 600}, {-1000.5, 233.7}, {0, 1}})
    expect_same_tensor(on, {1, 3, 7, 53, 1}, [&](Instrument& one, const runtime::TensorView& out) {
      one.window(one.take(hu, shape), window, out);
    });
  for (const bool neighbours : {false, true})
    for (const std::int64_t first : {0, 5, 11, 12}) {
      const kernels::ImageChannels how{{{{-1200, 600}, {-1000, -300}, {-160, 240}}}, neighbours};
      expect_same_tensor(on, {5, 1, 9, 9, 3}, [&](Instrument& one, const runtime::TensorView& out) {
        one.window(one.take(of_patches, patches), first, how, out);
      });
    }
}

}  // namespace
}  // namespace pleura::test
