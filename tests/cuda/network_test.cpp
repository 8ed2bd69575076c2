// Whole networks, also at the paper's width, through the planner on the CUDA backend.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdio>
#include <limits>

#include "layers/torch_cases.hpp"
#include "pleura/error.hpp"

namespace pleura::test {
namespace {

void expect_like_torch(const std::string& name, Precision precision, double bound) {
  const Errors errors = errors_of_case(find(name), engine(Backend::cuda, precision));
  EXPECT_TRUE(errors.within({bound, 2 * bound, bound})) << errors << "; allowed " << bound;
  std::printf("l2 %.2e of %.0e\n", errors.l2, bound);
}

/// The classifier runs in fp32 at any precision.
std::vector<std::string> segmenters() {
  std::vector<std::string> result = names();
  std::erase_if(result, [](const std::string& name) { return !find(name)["input"].is_array(); });
  return result;
}

constexpr auto named = [](const auto& network) { return test_name(network.param); };

class CudaNetwork : public testing::TestWithParam<std::string> {};

TEST_P(CudaNetwork, AgreesWithTorchInFp32) { expect_like_torch(GetParam(), Precision::fp32, 1e-5); }

INSTANTIATE_TEST_SUITE_P(Torch, CudaNetwork, testing::ValuesIn(names()), named);

class CudaNetworkFp16 : public testing::TestWithParam<std::string> {};

TEST_P(CudaNetworkFp16, AgreesWithTorch) { expect_like_torch(GetParam(), Precision::fp16, 3e-3); }

INSTANTIATE_TEST_SUITE_P(Torch, CudaNetworkFp16, testing::ValuesIn(segmenters()), named);

weights::Segmenter small_segmenter() { return random_segmenter(narrow(true, weights::Block::conv5), 1); }

/// What a refusal of one byte says that the thinnest slabs need.
std::uint64_t least_bytes(const weights::Segmenter& segmenter, const Index3& shape, Precision precision) {
  try {
    (void)layers::SegmenterNetwork(segmenter, engine(Backend::cuda, precision, 1)).figures(shape);
  } catch (const Error& error) {
    const std::string text = error.what();
    const auto at = text.find("needs ");
    return at == std::string::npos ? 0 : std::stoull(text.substr(at + 6));
  }
  return 0;
}

TEST(CudaNetworks, GiveTheSameBitsInSlabsAndInEachRun) {
  weights::VNetHyper hyper;
  hyper.rpn = false;
  hyper.block = weights::Block::conv5;
  hyper.channels = {8, 16, 8, 8, 8};
  const weights::Segmenter segmenter = random_segmenter(hyper, 5);
  const Index3 shape{48, 16, 16};
  const layers::HostTensor input = random_volume(shape);
  std::int64_t most = 1;  // in halves so small a network already is as small as it gets in one piece
  for (const Precision precision : {Precision::fp32, Precision::fp16}) {
    layers::SegmenterNetwork whole(segmenter, engine(Backend::cuda, precision));
    layers::SegmenterNetwork slabs(segmenter,
                                   engine(Backend::cuda, precision, least_bytes(segmenter, shape, precision)));
    most = std::max(most, slabs.figures(shape).slabs);
    const std::vector<float> expected = whole.run(input).values;
    EXPECT_EQ(slabs.run(input).values, expected);
    EXPECT_EQ(whole.run(input).values, expected) << "as a graph";
  }
  EXPECT_GT(most, 1);
}

TEST(CudaNetworks, TimeEveryLayer) {
  layers::SegmenterNetwork network(small_segmenter(), engine(Backend::cuda));
  const std::vector<layers::LayerTime> times = network.profile({16, 16, 16}, 1);
  EXPECT_GT(times.size(), 10u);
  for (const layers::LayerTime& layer : times) {
    EXPECT_GE(layer.seconds, 0) << layer.name;
    EXPECT_NE(layer.variant, "reference") << layer.name;
  }
}

TEST(CudaNetworks, NameTheFirstBadLayer) {
  weights::Segmenter segmenter = small_segmenter();
  const layers::HostTensor input = random_volume({16, 16, 16});
  EXPECT_EQ(layers::SegmenterNetwork(segmenter, engine(Backend::cuda)).first_bad_layer(input), "");
  segmenter.tensors.at("down2.convs.1.conv.bias").values[3] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(layers::SegmenterNetwork(segmenter, engine(Backend::cuda)).first_bad_layer(input), "down2.convs.1.conv");
}

TEST(CudaNetworks, RefuseBf16) {
  EXPECT_THROW(layers::SegmenterNetwork(small_segmenter(), engine(Backend::cuda, Precision::bf16)), Error);
}

}  // namespace
}  // namespace pleura::test
