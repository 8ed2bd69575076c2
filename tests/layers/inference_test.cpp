// What holds of every whole network: memory never changes a result, runs repeat bit by bit, patches do not see each
// other.
#include "layers/inference.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <numeric>

#include "models.hpp"
#include "pleura/error.hpp"

namespace pleura::test {
namespace {

using layers::ClassifierNetwork;
using layers::HostTensor;
using layers::SegmenterNetwork;
using weights::Block;

struct MemoryCase {
  bool rpn;
  Block block;
  std::string device;
  DType activations;
};

std::string name_of(const MemoryCase& c) {
  return std::string(c.rpn ? "rpn" : "mask") + (c.block == Block::conv5 ? "_conv5" : "_ir") +
         (c.device == "cpu" ? "_cpu" : "_reference") + (c.activations == DType::bf16 ? "_bf16" : "_fp32");
}

void PrintTo(const MemoryCase& c, std::ostream* out) { *out << name_of(c); }

class Memory : public testing::TestWithParam<MemoryCase> {};

/// Every bound from none down to the refusal, which names the least that works.
TEST_P(Memory, NeverChangesTheResult) {
  const MemoryCase& c = GetParam();
  const Index3 shape{48, 32, 16};
  const auto segmenter = random_segmenter(narrow(c.rpn, c.block), 5);
  const HostTensor input = random_volume(shape);
  SegmenterNetwork unbounded(segmenter, on(c.device), {c.activations});
  const HostTensor expected = unbounded.run(input);
  const auto whole = unbounded.figures(shape);
  std::uint64_t bound = whole.arena_bytes + whole.weight_bytes;
  std::int64_t most_slabs = whole.slabs;
  for (;;) {
    SegmenterNetwork network(segmenter, on(c.device), {c.activations, bound});
    std::string refusal;
    try {
      EXPECT_EQ(network.run(input).values, expected.values) << "under " << bound << " bytes";
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::resources);
      refusal = error.what();
    }
    if (!refusal.empty()) {
      const auto at = refusal.find("needs ");
      ASSERT_NE(at, std::string::npos) << refusal;
      const std::uint64_t least = std::stoull(refusal.substr(at + 6));
      EXPECT_GT(least, bound);
      SegmenterNetwork enough(segmenter, on(c.device), {c.activations, least});
      EXPECT_EQ(enough.run(input).values, expected.values) << "under " << least << " bytes";
      break;
    }
    const auto figures = network.figures(shape);
    EXPECT_LE(figures.arena_bytes + figures.weight_bytes, bound);
    most_slabs = std::max(most_slabs, figures.slabs);
    bound = figures.arena_bytes + figures.weight_bytes - 1;
  }
  EXPECT_GT(most_slabs, 4);
}

INSTANTIATE_TEST_SUITE_P(Networks, Memory,
                         testing::Values(MemoryCase{true, Block::conv5, "cpu", DType::f32},
                                         MemoryCase{true, Block::inception_resnet, "cpu", DType::bf16},
                                         MemoryCase{false, Block::conv5, "cpu", DType::f32},
                                         MemoryCase{false, Block::conv5, "cpu", DType::bf16},
                                         MemoryCase{false, Block::inception_resnet, "cpu", DType::f32},
                                         MemoryCase{true, Block::conv5, "reference", DType::f32},
                                         MemoryCase{true, Block::inception_resnet, "reference", DType::bf16}),
                         [](const auto& one) { return name_of(one.param); });

TEST(SegmenterNetwork, SlabsAtThePapersWidthGiveTheSameBits) {
  weights::VNetHyper hyper;
  hyper.rpn = false;
  hyper.block = Block::conv5;
  hyper.channels = {16, 32, 16, 16, 16};  // of the stages that run in slabs
  const auto segmenter = random_segmenter(hyper, 5);
  const Index3 shape{48, 16, 32};
  for (const DType activations : {DType::f32, DType::bf16}) {
    SegmenterNetwork whole(segmenter, on("cpu"), {activations});
    const auto figures = whole.figures(shape);
    SegmenterNetwork slabs(segmenter, on("cpu"), {activations, figures.weight_bytes + figures.arena_bytes * 3 / 4});
    EXPECT_GT(slabs.figures(shape).slabs, 1);
    EXPECT_EQ(whole.run(random_volume(shape)).values, slabs.run(random_volume(shape)).values);
  }
}

TEST(SegmenterNetwork, RepeatsBitByBitOnAnyNumberOfThreads) {
  const auto segmenter = random_segmenter(narrow(true, Block::inception_resnet), 1);
  SegmenterNetwork two(segmenter, kernels::open_device("cpu", 2));
  SegmenterNetwork one(segmenter, kernels::open_device("cpu", 1));
  const HostTensor input = random_volume({32, 32, 16});
  const HostTensor expected = two.run(input);
  (void)two.run(random_volume({16, 16, 16}));  // another shape in between
  EXPECT_EQ(two.run(input).values, expected.values);
  EXPECT_EQ(one.run(input).values, expected.values);
}

TEST(SegmenterNetwork, KeepsNoMoreThanTwoPlans) {
  SegmenterNetwork network(random_segmenter(narrow(true, Block::conv5), 1), on("cpu"));
  const HostTensor input = random_volume({16, 16, 16});
  const HostTensor expected = network.run(input);
  for (const std::int64_t depth : {32, 48, 64}) (void)network.figures({depth, 16, 16});
  EXPECT_EQ(network.run(input).values, expected.values);
}

TEST(SegmenterNetwork, RefusesWhatItCannotRun) {
  SegmenterNetwork network(random_segmenter(narrow(true, Block::conv5), 1), on("cpu"));
  const auto status = [&](const HostTensor& input) {
    try {
      (void)network.run(input);
    } catch (const Error& error) {
      return error.status();
    }
    return Status::done;
  };
  EXPECT_EQ(status(random_volume({16, 16, 20})), Status::usage);
  EXPECT_EQ(status({{1, 16, 16, 16, 1}, std::vector<float>(7)}), Status::usage);
  EXPECT_EQ(status({{1, 16, 16, 16, 2}, std::vector<float>(2 * 16 * 16 * 16)}), Status::usage);
  EXPECT_EQ(status({{1, 0, 16, 16, 1}, {}}), Status::usage);
  EXPECT_EQ(status(random_volume({16, 16, 16})), Status::done);
}

TEST(SegmenterNetwork, NamesTheFirstBadLayer) {
  auto segmenter = random_segmenter(narrow(true, Block::conv5), 1);
  const HostTensor input = random_volume({16, 16, 16});
  EXPECT_EQ(SegmenterNetwork(segmenter, on("cpu")).first_bad_layer(input), "");
  segmenter.tensors["down2.convs.1.conv.bias"].values[3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(SegmenterNetwork(segmenter, on("cpu")).first_bad_layer(input), "down2.convs.1.conv");
  EXPECT_EQ(SegmenterNetwork(segmenter, on("cpu"), {DType::bf16}).first_bad_layer(input), "down2.convs.1.conv");
}

TEST(SegmenterNetwork, NamesAMissingTensor) {
  auto segmenter = random_segmenter(narrow(true, Block::conv5), 1);
  segmenter.tensors.erase("down1.down.weight");
  SegmenterNetwork network(segmenter, on("cpu"));
  try {
    (void)network.run(random_volume({16, 16, 16}));
    FAIL() << "expected a refusal";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::weights_refused);
    EXPECT_NE(std::string(error.what()).find("down1.down.weight"), std::string::npos);
  }
}

TEST(ClassifierNetwork, PatchesDoNotSeeEachOther) {
  const std::int64_t count = ClassifierNetwork::batch + 3, size = std::int64_t{60} * 60 * 3;
  ClassifierNetwork network(random_classifier({}, 2), on("cpu"));
  const HostTensor patches = random_tensor("patches", {count, 1, 60, 60, 3}, 4);
  const std::vector<float> distances = uniform("distances", 4, count);
  const HostTensor all = network.run(patches, distances);
  EXPECT_EQ(all.shape, (std::array<std::int64_t, 5>{count, 1, 1, 1, 3}));
  for (const std::int64_t i : {std::int64_t{0}, std::int64_t{7}, count - 1}) {
    const HostTensor one{{1, 1, 60, 60, 3},
                         {patches.values.begin() + i * size, patches.values.begin() + (i + 1) * size}};
    const std::vector<float> expected{all.values.begin() + i * 3, all.values.begin() + i * 3 + 3};
    EXPECT_EQ(network.run(one, {distances[i]}).values, expected);
  }
  EXPECT_NE(network.run({{1, 1, 60, 60, 3}, {patches.values.begin(), patches.values.begin() + size}}, {5.0f}).values,
            std::vector<float>(all.values.begin(), all.values.begin() + 3))
      << "the distance counts";
}

TEST(SegmenterNetwork, RefusesAPrecisionThatTheDeviceLacks) {
  const auto segmenter = random_segmenter(narrow(true, Block::conv5), 1);
  for (const char* const device : {"cpu", "reference"}) {
    try {
      const SegmenterNetwork network(segmenter, on(device), {DType::f16});
      FAIL() << "expected a refusal";
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::usage);
    }
  }
}

TEST(ClassifierNetwork, RunsInFp32AtAnyPrecision) {
  const HostTensor patches = random_tensor("patches", {1, 1, 60, 60, 3}, 4);
  ClassifierNetwork exact(random_classifier({}, 2), on("cpu"));
  ClassifierNetwork bf16(random_classifier({}, 2), on("cpu"), {DType::bf16});
  EXPECT_EQ(exact.run(patches, {0.5f}).values, bf16.run(patches, {0.5f}).values);
}

TEST(ClassifierNetwork, TakesAnyNumberAndRefusesOthers) {
  weights::ClassifierHyper hyper;
  hyper.uses_distance = false;
  ClassifierNetwork network(random_classifier(hyper, 2), on("cpu"));
  EXPECT_TRUE(network.run({{0, 1, 60, 60, 3}, {}}, {}).values.empty());
  EXPECT_THROW((void)network.run(random_tensor("p", {1, 1, 60, 60, 3}, 1), {0.5f}), Error) << "M1 has no distance";
  EXPECT_THROW((void)network.run(random_tensor("p", {1, 1, 60, 59, 3}, 1), {}), Error);
  EXPECT_THROW((void)network.run({{1, 1, 60, 60, 3}, std::vector<float>(5)}, {}), Error);
  const auto figures = network.figures(2);
  EXPECT_NEAR(static_cast<double>(figures.macs), 2 * 47e6, 2e6);
}

}  // namespace
}  // namespace pleura::test
