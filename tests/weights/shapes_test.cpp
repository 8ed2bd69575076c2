#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "weights/random.hpp"
#include "weights/small_models.hpp"

namespace pleura::weights {
namespace {

using Shapes = std::map<std::string, std::vector<std::int64_t>>;

Shapes read_shapes(const std::string& architecture) {
  std::ifstream in(test::reference("shapes-" + architecture + ".txt"));
  Shapes shapes;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string name;
    words >> name;
    for (std::int64_t extent = 0; words >> extent;) shapes[name].push_back(extent);
  }
  return shapes;
}

Shapes as_map(const TensorShapes& shapes) {
  Shapes map(shapes.begin(), shapes.end());
  EXPECT_EQ(map.size(), shapes.size()) << "a name twice";
  return map;
}

std::int64_t parameters(const TensorShapes& shapes) {
  std::int64_t sum = 0;
  for (const auto& [name, shape] : shapes)
    if (name.find("running_") == std::string::npos) sum += element_count(shape);
  return sum;
}

VNetHyper vnet() {
  VNetHyper hyper;
  hyper.rpn = false;
  hyper.block = Block::conv5;
  hyper.norm = Norm::none;
  return hyper;
}

VNetHyper vnet_monai() {
  VNetHyper hyper = vnet();
  hyper.norm = Norm::batch;
  hyper.down_convs = {1, 2, 3, 2};
  hyper.up_convs = {2, 2, 1, 1};
  hyper.activation = Activation::elu;
  hyper.activate_before_add = true;
  return hyper;
}

VNetHyper vnet_rpn() {
  VNetHyper hyper;
  hyper.block = Block::conv5;
  return hyper;
}

TEST(TensorShapes, AreThoseOfPyTorchsModules) {
  EXPECT_EQ(as_map(tensor_shapes(vnet())), read_shapes("vnet"));
  EXPECT_EQ(as_map(tensor_shapes(vnet_monai())), read_shapes("vnet-monai"));
  EXPECT_EQ(as_map(tensor_shapes(vnet_rpn())), read_shapes("vnet-rpn"));
  EXPECT_EQ(as_map(tensor_shapes(VNetHyper{})), read_shapes("vnet-ir-rpn"));
  ClassifierHyper classifier;
  EXPECT_EQ(as_map(tensor_shapes(classifier)), read_shapes("classifier-m2"));
  classifier.uses_distance = false;
  EXPECT_EQ(as_map(tensor_shapes(classifier)), read_shapes("classifier-m1"));
}

TEST(TensorShapes, HaveThePublishedNumbersOfParameters) {  // docs/networks.md
  EXPECT_NEAR(static_cast<double>(parameters(tensor_shapes(vnet()))), 61.98e6, 0.005e6);
  EXPECT_NEAR(static_cast<double>(parameters(tensor_shapes(vnet_monai()))), 45.6e6, 0.05e6);
  EXPECT_NEAR(static_cast<double>(parameters(tensor_shapes(vnet_rpn()))), 61e6, 0.5e6);
  EXPECT_NEAR(static_cast<double>(parameters(tensor_shapes(VNetHyper{}))), 3.95e6, 0.05e6);
  EXPECT_NEAR(static_cast<double>(parameters(tensor_shapes(ClassifierHyper{}))), 56e3, 1.5e3);
}

TEST(TensorShapes, FollowTheHyperparameters) {
  VNetHyper hyper = vnet_rpn();
  hyper.activation = Activation::relu;
  hyper.anchors = 2;
  hyper.extra_classes = 4;
  const Shapes rpn = as_map(tensor_shapes(hyper));
  EXPECT_EQ(rpn.at("head.logits.weight"), (std::vector<std::int64_t>{18, 64, 1, 1, 1}));
  EXPECT_EQ(rpn.count("stem.act.weight"), 0U);
  EXPECT_EQ(rpn.count("up1.up.weight"), 0U);
  hyper = VNetHyper{};
  hyper.rpn = false;  // the stages at strides 2 and 1 keep their one convolution
  const Shapes mask = as_map(tensor_shapes(hyper));
  EXPECT_EQ(mask.count("up2.convs.0.reduce.weight"), 1U);
  EXPECT_EQ(mask.at("up1.convs.0.conv.weight"), (std::vector<std::int64_t>{64, 64, 5, 5, 5}));
  ClassifierHyper classifier;
  classifier.hidden = {5};
  EXPECT_EQ(as_map(tensor_shapes(classifier)).at("fc.out.weight"), (std::vector<std::int64_t>{3, 6}));
}

}  // namespace
}  // namespace pleura::weights
