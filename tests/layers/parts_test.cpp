// Folding and the arithmetic of slabs.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>

#include "layers/fold.hpp"
#include "layers/slabs.hpp"
#include "models.hpp"
#include "pleura/error.hpp"

namespace pleura::test {
namespace {

using layers::Layer;
using layers::LayerKind;
using layers::Planes;

Layer small_layer(LayerKind kind) {
  Layer layer;
  layer.name = std::string(1, 'a');  // assigning "a" sets off a false warning of GCC 12
  layer.norm = std::string(1, 'n');
  layer.kind = kind;
  layer.input.shape.c = 2;
  layer.output.shape.c = 2;
  layer.kernel = {1, 1, 2};
  return layer;
}

weights::TensorMap small_tensors() {
  return {{"a.weight", {{}, {1, 2, 3, 4, 5, 6, 7, 8}}},
          {"a.bias", {{}, {1, -1}}},
          {"n.weight", {{}, {2, 1}}},
          {"n.bias", {{}, {0.5f, 0}}},
          {"n.running_mean", {{}, {3, 0}}},
          {"n.running_var", {{}, {4 - 1e-5f, 1 - 1e-5f}}}};
}

TEST(Fold, MultipliesTheOutputChannels) {
  weights::TensorMap tensors = small_tensors();
  tensors["n.weight"].values = {4, 1};  // scale 2 and 1, shift 0.5 - 3 * 2 and 0
  const auto close = [](const std::vector<float>& found, const std::vector<float>& expected) {
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-5) << i;
  };
  const auto convolution = fold(small_layer(LayerKind::convolution), tensors);  // o, i, k
  close(convolution.kernel, {2, 4, 6, 8, 5, 6, 7, 8});
  close(convolution.bias, {1 * 2 + 0.5f - 6, -1});
  const auto deconvolution = fold(small_layer(LayerKind::deconvolution), tensors);  // i, o, k
  close(deconvolution.kernel, {2, 4, 3, 4, 10, 12, 7, 8});
}

TEST(Fold, RotatesTheInputChannels) {
  Layer layer = small_layer(LayerKind::convolution);
  layer.norm.clear();
  layer.rotation = 1;
  EXPECT_EQ(fold(layer, small_tensors()).kernel, (std::vector<float>{3, 4, 1, 2, 7, 8, 5, 6}));
}

TEST(Fold, NamesAMissingTensor) {
  weights::TensorMap tensors = small_tensors();
  tensors["n.bias"].values.pop_back();
  try {
    (void)fold(small_layer(LayerKind::convolution), tensors);
    FAIL() << "expected a refusal";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::weights_refused);
    EXPECT_STREQ(error.what(), "tensor n.bias: found 1 values, expected 2 values");
  }
  tensors.erase("n.bias");
  EXPECT_THROW((void)fold(small_layer(LayerKind::convolution), tensors), Error);
}

/// Input planes that the definition of a layer touches, by brute force; padding as negative numbers or those past the
/// end.
std::set<std::int64_t> touched(const Layer& layer, const Planes& output) {
  std::set<std::int64_t> planes;
  for (std::int64_t z = output.begin; z < output.end; ++z)
    if (layer.kind == LayerKind::deconvolution)
      planes.insert(z / layer.stride[0]);
    else
      for (std::int64_t k = 0; k < layer.kernel[0]; ++k) planes.insert(z * layer.stride[0] - layer.pad[0] + k);
  return planes;
}

TEST(Slabs, ReadExactlyTheirHalo) {
  for (const auto& layer : layers::build_vnet(narrow(false, weights::Block::conv5), {1, 16, 16, 16, 1}).layers) {
    const std::int64_t depth = layer.output.shape.d, in = layer.input.shape.d;
    for (std::int64_t begin = 0; begin < depth; ++begin)
      for (std::int64_t end = begin + 1; end <= depth; ++end) {
        const auto all = touched(layer, {begin, end});
        const Planes planes = input_planes(layer, {begin, end});
        EXPECT_EQ(planes.begin, std::max<std::int64_t>(0, *all.begin()));
        EXPECT_EQ(planes.end, std::min(in, *all.rbegin() + 1));
        if (layer.kind == LayerKind::deconvolution) continue;
        const auto padding = depth_padding(layer, {begin, end});
        EXPECT_EQ(padding.low, std::max<std::int64_t>(0, -*all.begin()));
        EXPECT_EQ(padding.high, std::max<std::int64_t>(0, *all.rbegin() + 1 - in));
      }
  }
}

TEST(Slabs, NeedTheHalosOfAllTheirLayers) {
  weights::VNetHyper hyper = narrow(false, weights::Block::conv5);
  const auto network = layers::build_vnet(hyper, {1, 64, 16, 16, 1});
  ASSERT_EQ(network.slab_groups.size(), 2U);
  // Group 0: planes 5..7 of down1.down read 10..14 of the stem.
  const auto encoder = slab_planes(network, network.slab_groups[0], {5, 7});
  EXPECT_EQ(encoder.size(), 2U);
  EXPECT_EQ(encoder.at(network.layers[0].output.buffer), (Planes{10, 14}));
  // Group 1: logits 20..24 need 18..26 of up0's stage (head 5^3), 16..28 of the concatenation (conv5).
  const auto decoder = slab_planes(network, network.slab_groups[1], {20, 24});
  EXPECT_EQ(decoder.at(network.output.buffer), (Planes{20, 24}));
  EXPECT_EQ(decoder.at(network.layers[0].output.buffer), (Planes{16, 28}));
  // At the volume's end halos are cut off.
  EXPECT_EQ(slab_planes(network, network.slab_groups[1], {60, 64}).at(network.layers[0].output.buffer),
            (Planes{56, 64}));
}

}  // namespace
}  // namespace pleura::test
