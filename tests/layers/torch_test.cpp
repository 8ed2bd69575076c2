// Whole networks, also at the paper's width, against PyTorch in float64: reference/torch.json and the arrays beside it.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "errors.hpp"
#include "models.hpp"
#include "npy.hpp"

namespace pleura::test {
namespace {

using nlohmann::json;

std::filesystem::path folder() { return std::filesystem::path(PLEURA_SOURCE_DIR) / "tests/layers/reference"; }

weights::VNetHyper vnet_of(const json& j) {
  weights::VNetHyper hyper;
  hyper.rpn = j["rpn"];
  hyper.block = j["block"] == "conv5" ? weights::Block::conv5 : weights::Block::inception_resnet;
  hyper.channels = j["channels"];
  hyper.down_convs = j["down_convs"];
  hyper.up_convs = j["up_convs"];
  hyper.norm = j["norm"] == "batch" ? weights::Norm::batch : weights::Norm::none;
  const std::string activation = j["activation"];
  hyper.activation = activation == "prelu" ? weights::Activation::prelu
                     : activation == "elu" ? weights::Activation::elu
                                           : weights::Activation::relu;
  hyper.activate_before_add = j["activate_before_add"];
  hyper.anchors = j["anchors"];
  hyper.extra_classes = j["extra_classes"];
  return hyper;
}

weights::ClassifierHyper classifier_of(const json& j) {
  return {j["uses_distance"], j["blocks"], j["hidden"], j["pixels"]};
}

layers::HostTensor run(const json& c, const EngineOptions& options) {
  const std::string name = c["name"];
  const std::uint64_t seed = c["seed"];
  if (c["input"].is_array()) {
    const auto size = c["input"].get<Index3>();
    layers::SegmenterNetwork network(random_segmenter(vnet_of(c["hyper"]), seed), options);
    return network.run(random_tensor(name + "/input", {1, size[0], size[1], size[2], 1}, seed));
  }
  const weights::ClassifierHyper hyper = classifier_of(c["hyper"]);
  const std::int64_t count = c["input"];
  layers::ClassifierNetwork network(random_classifier(hyper, seed), options);
  const auto distances = uniform(name + "/distances", seed, hyper.uses_distance ? count : 0);
  return network.run(random_tensor(name + "/input", {count, 1, hyper.pixels, hyper.pixels, 3}, seed), distances);
}

void expect_like_torch(const json& c, const EngineOptions& options) {
  const std::string name = c["name"];
  const Npy reference = read_npy(folder() / (name + ".npy"));
  const bool narrow = options.precision == Precision::bf16;
  const double limit = narrow ? 2e-2 : 1e-5;
  const json& torch = c[narrow ? "bf16" : "fp32"];
  const auto at_most = [&](const char* figure, double times) {
    return std::min(limit * times / 2, times * torch[figure].get<double>());
  };
  const Errors bound{at_most("l2", 2), at_most("max", 4), at_most("border", 2)};
  const layers::HostTensor out = run(c, options);
  const auto& s = out.shape;
  ASSERT_EQ(std::vector<std::int64_t>(s.begin(), s.end()), reference.shape);
  const Errors errors = errors_of<double>(out.values, reference.values, {s[0], s[1], s[2], s[3], s[4]});
  EXPECT_TRUE(errors.within(bound)) << name << ": " << errors << "; allowed " << bound;
  testing::Test::RecordProperty("l2", std::to_string(errors.l2));
}

json all_cases() { return json::parse(std::ifstream(folder() / "torch.json")); }

std::vector<std::string> names() {
  std::vector<std::string> result;
  for (const json& c : all_cases()) result.push_back(c["name"]);
  return result;
}

json find(const std::string& name) {
  for (json c : all_cases())
    if (c["name"] == name) return c;
  return {};
}

class Torch : public testing::TestWithParam<std::string> {};

TEST_P(Torch, AgreesWithTheReference) { expect_like_torch(find(GetParam()), engine(Backend::reference)); }

TEST_P(Torch, AgreesWithTheCpuInFp32) { expect_like_torch(find(GetParam()), engine(Backend::cpu)); }

TEST_P(Torch, AgreesWithTheCpuInBf16) { expect_like_torch(find(GetParam()), engine(Backend::cpu, Precision::bf16)); }

INSTANTIATE_TEST_SUITE_P(Networks, Torch, testing::ValuesIn(names()), [](const auto& network) {
  std::string name = network.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

}  // namespace
}  // namespace pleura::test
