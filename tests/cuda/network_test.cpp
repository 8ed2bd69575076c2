// Whole networks, also at the paper's width, through the planner on the CUDA backend.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "layers/torch_cases.hpp"
#include "pleura/error.hpp"

namespace pleura::test {
namespace {

void expect_like_torch(const std::string& name, DType activations, double bound) {
  const Errors errors = errors_of_case(find(name), on("cuda"), {activations});
  EXPECT_TRUE(errors.within({bound, 2 * bound, bound})) << errors << "; allowed " << bound;
  std::printf("l2 %.2e of %.0e\n", errors.l2, bound);
}

constexpr auto named = [](const auto& network) { return test_name(network.param); };

class CudaNetwork : public testing::TestWithParam<std::string> {};

TEST_P(CudaNetwork, AgreesWithTorchInFp32) { expect_like_torch(GetParam(), DType::f32, 1e-5); }

/// Of a classifier, which runs in fp32 at any precision, this holds that it does.
TEST_P(CudaNetwork, AgreesWithTorchInFp16) {
  const bool classifier = !find(GetParam())["input"].is_array();
  expect_like_torch(GetParam(), DType::f16, classifier ? 1e-5 : 3e-3);
}

/// One of each kind, small enough for the sanitizers.
const std::vector<std::string> small_networks{"narrow-vnet", "narrow-ir-vnet", "short-classifier"};

std::vector<std::string> others() {
  std::vector<std::string> result = names();
  std::erase_if(
      result, [](const std::string& name) { return std::ranges::find(small_networks, name) != small_networks.end(); });
  return result;
}

INSTANTIATE_TEST_SUITE_P(Small, CudaNetwork, testing::ValuesIn(small_networks), named);
INSTANTIATE_TEST_SUITE_P(Long, CudaNetwork, testing::ValuesIn(others()), named);

weights::Segmenter small_segmenter() { return random_segmenter(narrow(true, weights::Block::conv5), 1); }

/// What a refusal of one byte says that the thinnest slabs need.
std::uint64_t least_bytes(const weights::Segmenter& segmenter, const Index3& shape, DType activations) {
  try {
    (void)layers::SegmenterNetwork(segmenter, on("cuda"), {activations, 1}).figures(shape);
  } catch (const Error& error) {
    const std::string text = error.what();
    const auto at = text.find("needs ");
    return at == std::string::npos ? 0 : std::stoull(text.substr(at + 6));
  }
  return 0;
}

/// A network whose plan is cut into slabs in both types.
void expect_same_bits_in_slabs(bool rpn, const std::array<std::int64_t, 5>& channels) {
  weights::VNetHyper hyper;
  hyper.rpn = rpn;
  hyper.channels = channels;
  const weights::Segmenter segmenter = random_segmenter(hyper, 5);
  const Index3 shape{48, 16, 16};
  const layers::HostTensor input = random_volume(shape);
  for (const DType activations : {DType::f32, DType::f16}) {
    layers::SegmenterNetwork whole(segmenter, on("cuda"), {activations});
    layers::SegmenterNetwork slabs(segmenter, on("cuda"), {activations, least_bytes(segmenter, shape, activations)});
    EXPECT_EQ(whole.figures(shape).slabs, 1);
    EXPECT_GT(slabs.figures(shape).slabs, 1);
    const std::vector<float> expected = whole.run(input).values;
    EXPECT_EQ(slabs.run(input).values, expected);
    EXPECT_EQ(slabs.run(input).values, expected) << "as a graph";
    EXPECT_EQ(whole.run(input).values, expected) << "as a graph";
  }
}

TEST(CudaNetworks, GiveTheSameBitsInSlabsAndInEachRun) { expect_same_bits_in_slabs(true, {8, 16, 8, 8, 8}); }

TEST(LongCudaNetworks, GiveTheSameBitsInSlabsThatOverlap) { expect_same_bits_in_slabs(false, {8, 8, 8, 8, 8}); }

TEST(CudaNetworks, NameTheFirstBadLayer) {
  weights::Segmenter segmenter = small_segmenter();
  const layers::HostTensor input = random_volume({16, 16, 16});
  EXPECT_EQ(layers::SegmenterNetwork(segmenter, on("cuda")).first_bad_layer(input), "");
  segmenter.tensors.at("down2.convs.1.conv.bias").values[3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(layers::SegmenterNetwork(segmenter, on("cuda")).first_bad_layer(input), "down2.convs.1.conv");
}

TEST(CudaNetworks, NameTheLayerThatFp16CannotHold) {
  weights::Segmenter segmenter = small_segmenter();
  for (float& bias : segmenter.tensors.at("down2.convs.1.conv.bias").values) bias = 1e6F;  // weights are refused before
  const layers::HostTensor input = random_volume({16, 16, 16});
  EXPECT_EQ(layers::SegmenterNetwork(segmenter, on("cuda")).first_bad_layer(input), "");
  EXPECT_EQ(layers::SegmenterNetwork(segmenter, on("cuda"), {DType::f16}).first_bad_layer(input), "down2.convs.1.conv");
}

TEST(CudaNetworks, ClassifyManyPatchesAsTheyDoFew) {
  const weights::Classifier classifier = random_classifier({true, 1, {4}, 28}, 4);
  layers::ClassifierNetwork network(classifier, on("cuda"));
  constexpr std::int64_t count = layers::ClassifierNetwork::gpu_batch + 3;
  const layers::HostTensor patches = random_tensor("patches", {count, 1, 28, 28, 3}, 5);
  const std::vector<float> distances = uniform("distances", 6, count);
  const std::vector<float> all = network.run(patches, distances).values;
  EXPECT_GT(network.figures(count).arena_bytes, network.figures(1).arena_bytes) << "of the pass that they go through";
  const auto size = static_cast<std::ptrdiff_t>(patches.values.size() / count);
  for (const std::ptrdiff_t first : {0, 90, 97}) {
    const layers::HostTensor two{{2, 1, 28, 28, 3},
                                 {patches.values.begin() + first * size, patches.values.begin() + (first + 2) * size}};
    const std::vector<float> expected(all.begin() + first * 3, all.begin() + (first + 2) * 3);
    EXPECT_EQ(network.run(two, {distances[first], distances[first + 1]}).values, expected) << first;
  }
}

TEST(LongCudaNetworks, RunTheDemoWeightsInFp16AsInFp32) {
  const auto file = torch_folder().parent_path().parent_path().parent_path() / "weights/demo/pleura-demo.h5";
  const weights::Segmenter segmenter = *weights::read_model(file).segmenter;
  const layers::HostTensor input = random_volume({32, 32, 32});
  const auto logits = [&](DType activations) {
    return layers::SegmenterNetwork(segmenter, on("cuda"), {activations}).run(input).values;
  };
  const std::vector<float> expected = logits(DType::f32), found = logits(DType::f16);
  double difference = 0, norm = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    difference += std::pow(double{found[i]} - expected[i], 2);
    norm += std::pow(double{expected[i]}, 2);
  }
  EXPECT_GT(norm, 0);
  EXPECT_LE(std::sqrt(difference / norm), 3e-3);
}

TEST(CudaNetworks, RefuseBf16) {
  EXPECT_THROW(layers::SegmenterNetwork(small_segmenter(), on("cuda"), {DType::bf16}), Error);
}

}  // namespace
}  // namespace pleura::test
