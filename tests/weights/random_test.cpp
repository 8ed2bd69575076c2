#include "weights/random.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <fstream>

#include "pleura/error.hpp"
#include "weights/small_models.hpp"

namespace pleura::weights {
namespace {

/// Every tensor that the reference vectors name, with its shape.
TensorShapes shapes_of(const std::string& prefix) {
  if (prefix == "segmenter/") return tensor_shapes(VNetHyper{});
  ClassifierHyper hyper;
  hyper.uses_distance = prefix == "classifiers/m2/";
  return tensor_shapes(hyper);
}

TEST(RandomTensors, AgreeBitForBitWithTheReference) {
  std::ifstream in(test::reference("random_vectors.txt"));
  std::string prefix, name, bits;
  std::uint64_t seed = 0, index = 0;
  int compared = 0;
  while (in >> prefix >> name >> seed >> index >> bits) {
    TensorShapes wanted;
    for (const auto& shape : shapes_of(prefix))
      if (shape.first == name) wanted.push_back(shape);
    ASSERT_EQ(wanted.size(), 1U) << name;
    const float value = random_tensors(wanted, prefix, seed).at(name).values.at(index);
    EXPECT_EQ(std::bit_cast<std::uint32_t>(value), std::stoul(bits, nullptr, 16)) << prefix << name << ' ' << index;
    ++compared;
  }
  EXPECT_EQ(compared, 198);
}

TEST(RandomTensors, FillTheirRangeEvenly) {
  const TensorShapes shape{{"down3.convs.0.conv.weight", {32, 32, 5, 5, 5}}};
  const std::vector<float> values = random_tensors(shape, "segmenter/", 1).begin()->second.values;
  const double high = std::sqrt(6.0 / 4000);
  double sum = 0, squares = 0;
  for (const float v : values) {
    ASSERT_LE(std::fabs(v), high * 1.000001);
    sum += v;
    squares += double{v} * v;
  }
  const auto count = static_cast<double>(values.size());
  EXPECT_NEAR(sum / count / high, 0, 0.01);
  EXPECT_NEAR(squares / count / (high * high), 1.0 / 3, 0.01);  // variance 2 / fan_in, as He asks
}

TEST(RandomModel, HoldsWhatItsArchitectureNames) {
  RandomWeights what;
  what.channels = {4, 4, 8, 8, 8};
  for (const char* architecture : {"vnet", "vnet-monai", "vnet-rpn", "vnet-ir-rpn"}) {
    what.architecture = architecture;
    const Model model = random_model(what);
    ASSERT_TRUE(model.segmenter) << architecture;
    EXPECT_EQ(model.classifiers.size(), 2U);
    EXPECT_EQ(model.segmenter->hyper.rpn, what.architecture.ends_with("rpn"));
    EXPECT_EQ(model.segmenter->hyper.norm == Norm::none, what.architecture == "vnet");
    EXPECT_EQ(model.segmenter->hyper.activation == Activation::elu, what.architecture == "vnet-monai");
    EXPECT_EQ(model.segmenter->tensors.size(), tensor_shapes(model.segmenter->hyper).size());
  }
  what = {"classifier-m1", 5, {}, false};
  EXPECT_FALSE(random_model(what).segmenter);
  EXPECT_EQ(random_model(what).classifiers.size(), 1U);
  EXPECT_FALSE(random_model(what).classifiers.at("m1").hyper.uses_distance);
}

TEST(RandomModel, RefusesWhatItCannotMake) {
  for (const RandomWeights& what :
       {RandomWeights{"unet", 0, {}, false}, RandomWeights{"vnet", 0, {1, 2, 3}, false},
        RandomWeights{"vnet", 0, {0, 2, 3, 4, 5}, false}, RandomWeights{"vnet-ir-rpn", 0, {4, 4, 6, 8, 8}, false},
        RandomWeights{"vnet", 0, {1024, 1024, 1024, 1024, 1024}, false},
        RandomWeights{"classifier-m2", 0, {1, 2, 3, 4, 5}, false}}) {
    try {
      (void)random_model(what);
      ADD_FAILURE() << what.architecture << " was made";
    } catch (const Error& error) {
      EXPECT_EQ(error.status(), Status::usage) << error.what();
    }
  }
}

}  // namespace
}  // namespace pleura::weights
