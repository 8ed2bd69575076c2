// The networks' structure against the paper's figures.
#include "layers/networks/network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "layers/summary.hpp"
#include "models.hpp"
#include "pleura/error.hpp"

namespace pleura::test {
namespace {

using layers::Layer;
using layers::LayerKind;
using layers::LayerRow;
using layers::Network;

weights::VNetHyper original() {
  weights::VNetHyper hyper;
  hyper.rpn = false;
  hyper.block = weights::Block::conv5;
  hyper.norm = weights::Norm::none;
  return hyper;
}

TEST(Networks, HaveTheFiguresOfTheLiterature) {
  // docs/networks.md has them too.
  const LayerRow vnet = total(layers::summarize(original(), {64, 128, 128}));
  EXPECT_NEAR(static_cast<double>(vnet.parameters), 61.98e6, 0.01e6);
  EXPECT_NEAR(static_cast<double>(vnet.macs), 384.6e9, 0.1e9);

  weights::VNetHyper monai = original();
  monai.norm = weights::Norm::batch;
  monai.down_convs = {1, 2, 3, 2};
  monai.up_convs = {2, 2, 1, 1};
  monai.activation = weights::Activation::elu;
  const LayerRow vnet_monai = total(layers::summarize(monai, {64, 128, 128}));
  EXPECT_NEAR(static_cast<double>(vnet_monai.parameters), 45.6e6, 0.05e6);
  EXPECT_NEAR(static_cast<double>(vnet_monai.macs), 365.8e9, 0.1e9);

  weights::VNetHyper rpn;
  rpn.block = weights::Block::conv5;
  const double voxels = 64 * 128 * 128;
  const LayerRow vnet_rpn = total(layers::summarize(rpn, {64, 128, 128}));
  EXPECT_NEAR(static_cast<double>(vnet_rpn.parameters), 61e6, 1e6);
  EXPECT_NEAR(static_cast<double>(vnet_rpn.macs) / voxels, 166e3, 1e3);

  const LayerRow ir_rpn = total(layers::summarize(weights::VNetHyper{}, {64, 128, 128}));
  EXPECT_NEAR(static_cast<double>(ir_rpn.parameters), 3.9e6, 0.1e6);
  EXPECT_NEAR(static_cast<double>(ir_rpn.macs) / voxels, 12e3, 0.5e3);

  const LayerRow classifier = total(layers::summarize(weights::ClassifierHyper{}, 1));
  EXPECT_NEAR(static_cast<double>(classifier.parameters), 56e3, 2e3);
  EXPECT_NEAR(static_cast<double>(classifier.macs), 47e6, 1e6);
}

TEST(Summary, ReadsLikeTheTablesOfTheDocumentation) {
  const auto rows = layers::summarize(original(), {64, 128, 128});
  const auto find = [&](const std::string& name) {
    return *std::ranges::find_if(rows, [&](const LayerRow& row) { return row.name == name; });
  };
  EXPECT_EQ(rows.front().name, "stem.conv");
  EXPECT_EQ(rows.front().parameters, 125 * 16 + 16 + 16);
  EXPECT_EQ(rows.front().macs, std::int64_t{64} * 128 * 128 * 16 * 125);
  EXPECT_EQ(rows.front().bytes, std::int64_t{64} * 128 * 128 * (1 + 16 + 1) * 4);
  EXPECT_EQ(find("down4.convs.2.conv").kind, "conv 5x5x5");
  EXPECT_EQ(find("down4.convs.2.conv").output, (runtime::Shape{1, 4, 8, 8, 256}));
  EXPECT_EQ(find("down1.down").kind, "conv 2x2x2 stride 2");
  EXPECT_EQ(find("up3.up").kind, "deconv 2x2x2 stride 2");
  EXPECT_EQ(find("up3.up").output, (runtime::Shape{1, 8, 16, 16, 128}));
  EXPECT_EQ(find("up3.convs.0.conv").output.c, 256);
  EXPECT_EQ(find("head.logits").output, (runtime::Shape{1, 64, 128, 128, 2}));

  const auto classifier = layers::summarize(weights::ClassifierHyper{}, 2);
  EXPECT_EQ(classifier[1].kind, "max-pool 1x2x2");
  EXPECT_EQ(classifier[1].output, (runtime::Shape{2, 1, 30, 30, 16}));
  EXPECT_EQ(classifier[classifier.size() - 4].output, (runtime::Shape{2, 1, 8, 8, 4})) << "ceil mode";
}

TEST(Networks, EveryLayerFillsWhatAnotherReads) {
  // A read channel of a buffer has been written before, by an input or a layer.
  const auto expect_written = [](const Network& network) {
    std::vector<std::vector<bool>> written;
    for (const auto& buffer : network.buffers) written.emplace_back(buffer.c);
    const auto write = [&](const layers::Value& value) {
      std::fill_n(written[value.buffer].begin() + value.channel, value.shape.c, true);
    };
    const auto all_written = [&](const layers::Value& value) {
      const auto begin = written[value.buffer].begin() + value.channel;
      return std::all_of(begin, begin + value.shape.c, [](bool done) { return done; });
    };
    for (const auto& input : network.inputs) write(input);
    for (const Layer& layer : network.layers) {
      EXPECT_TRUE(all_written(layer.input)) << layer.name;
      for (const auto& stage : layer.stages) EXPECT_TRUE(!stage.residual || all_written(*stage.residual)) << layer.name;
      write(layer.output);
    }
    EXPECT_TRUE(all_written(network.output));
  };
  for (const bool rpn : {true, false})
    for (const auto block : {weights::Block::conv5, weights::Block::inception_resnet})
      expect_written(layers::build_vnet(narrow(rpn, block), {1, 32, 16, 16, 1}));
  expect_written(layers::build_classifier({}, 2));
}

TEST(Networks, RefuseOtherSizes) {
  const weights::VNetHyper hyper = narrow(true, weights::Block::conv5);
  EXPECT_THROW((void)layers::build_vnet(hyper, {1, 16, 16, 24, 1}), Error);
  EXPECT_THROW((void)layers::build_vnet(hyper, {1, 0, 16, 16, 1}), Error);
  EXPECT_THROW((void)layers::build_vnet(hyper, {2, 16, 16, 16, 1}), Error);
}

}  // namespace
}  // namespace pleura::test
