// What profiles count, against numbers counted by hand; that they cover a plan, and time nothing that is not finite.
#include "layers/profile.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "models.hpp"
#include "pleura/error.hpp"

namespace pleura::test {
namespace {

using layers::LayerProfile;
using layers::NetworkProfile;
using layers::SegmenterNetwork;
using weights::Block;

const LayerProfile& layer_of(const NetworkProfile& profile, const std::string& name) {
  for (const LayerProfile& layer : profile.layers)
    if (layer.name == name) return layer;
  throw Error(Status::internal, "no layer " + name);
}

/// Channels 4, 8, 12, 16, 20 on 32 x 16 x 16 voxels.
NetworkProfile profile_narrow(DType type, int runs = 2) {
  SegmenterNetwork network(random_segmenter(narrow(true, Block::conv5), 1), on("cpu"), {type});
  layers::ProfiledRuns how;
  how.count = runs;
  return network.profile({32, 16, 16}, how);
}

TEST(Profile, CountsTheStem) {
  constexpr std::int64_t voxels = 32 * 16 * 16;
  for (const DType type : {DType::f32, DType::bf16}) {
    const std::int64_t size = type == DType::f32 ? 4 : 2;
    const NetworkProfile profile = profile_narrow(type);
    const LayerProfile& stem = layer_of(profile, "stem.conv");
    EXPECT_EQ(stem.kind, "conv 5x5x5");
    EXPECT_EQ(stem.flops, 2 * voxels * 125 * 4);
    EXPECT_EQ(stem.input_bytes, 2 * voxels * size) << "the input is its residual, too";
    EXPECT_EQ(stem.output_bytes, voxels * 4 * size);
    EXPECT_EQ(stem.weight_bytes, 125 * 4 * size + 4 * 4 + 4 * 4) << "bias and slopes in fp32";
  }
}

TEST(Profile, CountsAStridedConvolution) {
  constexpr std::int64_t in = 32 * 16 * 16 * 4, out = 16 * 8 * 8 * 8;
  const NetworkProfile profile = profile_narrow(DType::f32);
  const LayerProfile& down = layer_of(profile, "down1.down");
  EXPECT_EQ(down.kind, "conv 2x2x2 stride 2");
  EXPECT_EQ(down.flops, 2 * out * 4 * 8);
  EXPECT_EQ(down.input_bytes, in * 4);
  EXPECT_EQ(down.output_bytes, out * 4);
  EXPECT_EQ(down.bytes(), down.weight_bytes + (in + out) * 4);
}

TEST(Profile, CountsTheLogitsInFp32) {
  const NetworkProfile profile = profile_narrow(DType::bf16);
  const LayerProfile& head = profile.layers.back();
  EXPECT_EQ(head.name, "head.logits");
  EXPECT_EQ(head.output_bytes, head.output.elements() * 4);
}

TEST(Profile, CoversThePlan) {
  SegmenterNetwork network(random_segmenter(narrow(true, Block::conv5), 1), on("cpu"));
  layers::ProfiledRuns how;
  how.count = 3;
  std::vector<double> shares;
  how.done = [&](double share) { shares.push_back(share); };
  // Planes of 64 KiB in the stem, of which 16 MiB take 256: two slabs.
  const Index3 shape{272, 64, 64};
  const NetworkProfile profile = network.profile(shape, how);
  const layers::PlanFigures figures = network.figures(shape);
  EXPECT_GT(profile.slabs, 1);
  EXPECT_EQ(profile.slabs, figures.slabs);
  EXPECT_EQ(profile.arena_bytes, static_cast<std::int64_t>(figures.arena_bytes));
  EXPECT_EQ(profile.weight_bytes, static_cast<std::int64_t>(figures.weight_bytes));
  std::int64_t calls = 0, flops = 0;
  for (std::size_t i = 0; i < profile.layers.size(); ++i) {
    const LayerProfile& layer = profile.layers[i];
    EXPECT_EQ(layer.variant, figures.variants[i]);
    EXPECT_EQ(layer.seconds.size(), 3U);
    calls += layer.calls;
    flops += layer.flops;
  }
  EXPECT_EQ(calls, static_cast<std::int64_t>(profile.steps.size()));
  EXPECT_EQ(layer_of(profile, "stem.conv").calls, profile.slabs);
  EXPECT_EQ(flops, 2 * figures.macs);
  ASSERT_EQ(profile.passes.size(), 3U);
  EXPECT_EQ(profile.plain_seconds.size(), 3U);
  for (std::size_t run = 0; run < 3; ++run) {
    const std::vector<double>& ends = profile.passes[run].ends;
    ASSERT_EQ(ends.size(), profile.steps.size());
    EXPECT_TRUE(std::is_sorted(ends.begin(), ends.end()));
    double sum = 0;
    for (const LayerProfile& layer : profile.layers) sum += layer.seconds[run];
    EXPECT_NEAR(sum, ends.back(), 1e-9) << "the layers' times are the whole pass";
  }
  EXPECT_EQ(shares.back(), 1);
}

TEST(Profile, TimesNothingThatIsNotFinite) {
  auto segmenter = random_segmenter(narrow(true, Block::conv5), 1);
  segmenter.tensors["down2.convs.1.conv.bias"].values[3] = std::numeric_limits<float>::quiet_NaN();
  SegmenterNetwork network(segmenter, on("cpu"));
  try {
    (void)network.profile({16, 16, 16});
    FAIL() << "expected a refusal";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::weights_refused);
    EXPECT_NE(std::string(error.what()).find("down2.convs.1.conv"), std::string::npos);
  }
}

TEST(Profile, FillsInputsBeforeEachRun) {
  SegmenterNetwork network(random_segmenter(narrow(true, Block::conv5), 1), on("cpu"));
  int fills = 0;
  layers::ProfiledRuns how;
  how.count = 2;
  how.fill = [&](const std::vector<runtime::TensorView>& inputs) {
    ASSERT_EQ(inputs.size(), 1U);
    std::fill_n(static_cast<float*>(inputs[0].data), inputs[0].desc.shape.elements(), 0.5f);
    ++fills;
  };
  (void)network.profile({16, 16, 16}, how);
  EXPECT_EQ(fills, 3 + 2 * 2);
}

TEST(Profile, OfAClassifierIsOfThePassItsPatchesTake) {
  layers::ClassifierNetwork network(random_classifier({true, 1, {4}, 60}, 2), on("cpu"));
  layers::ProfiledRuns how;
  how.count = 1;
  const NetworkProfile profile = network.profile(96, how);
  EXPECT_EQ(profile.layers.front().name, "stem.conv");
  EXPECT_EQ(profile.layers.front().input.n, layers::ClassifierNetwork::batch);
}

}  // namespace
}  // namespace pleura::test
