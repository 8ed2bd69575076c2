#pragma once
/// Whole networks with random weights and their logits by PyTorch in float64: reference/torch.json and the arrays
/// beside it.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "errors.hpp"
#include "layers/models.hpp"
#include "npy.hpp"

namespace pleura::test {

using nlohmann::json;

/// In the source tree, or in a copy of it that PLEURA_TEST_DATA names.
inline std::filesystem::path torch_folder() {
  const char* elsewhere = std::getenv("PLEURA_TEST_DATA");
  return std::filesystem::path(elsewhere ? elsewhere : PLEURA_SOURCE_DIR) / "tests/layers/reference";
}

inline weights::VNetHyper vnet_of(const json& j) {
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

inline weights::ClassifierHyper classifier_of(const json& j) {
  return {j["uses_distance"], j["blocks"], j["hidden"], j["pixels"]};
}

/// Our logits.
inline layers::HostTensor run(const json& c, const kernels::OpenDevice& device, const layers::Options& options = {}) {
  const std::string name = c["name"];
  const std::uint64_t seed = c["seed"];
  if (c["input"].is_array()) {
    const auto size = c["input"].get<Index3>();
    layers::SegmenterNetwork network(random_segmenter(vnet_of(c["hyper"]), seed), device, options);
    return network.run(random_tensor(name + "/input", {1, size[0], size[1], size[2], 1}, seed));
  }
  const weights::ClassifierHyper hyper = classifier_of(c["hyper"]);
  const std::int64_t count = c["input"];
  layers::ClassifierNetwork network(random_classifier(hyper, seed), device, options);
  const auto distances = uniform(name + "/distances", seed, hyper.uses_distance ? count : 0);
  return network.run(random_tensor(name + "/input", {count, 1, hyper.pixels, hyper.pixels, 3}, seed), distances);
}

/// How far they are from PyTorch's.
inline Errors errors_of_case(const json& c, const kernels::OpenDevice& device, const layers::Options& options = {}) {
  const Npy reference = read_npy(torch_folder() / (c["name"].get<std::string>() + ".npy"));
  const layers::HostTensor out = run(c, device, options);
  const auto& s = out.shape;
  EXPECT_EQ(std::vector<std::int64_t>(s.begin(), s.end()), reference.shape);
  return errors_of<double>(out.values, reference.values, {s[0], s[1], s[2], s[3], s[4]});
}

inline json all_cases() { return json::parse(std::ifstream(torch_folder() / "torch.json")); }

inline std::vector<std::string> names() {
  std::vector<std::string> result;
  for (const json& c : all_cases()) result.push_back(c["name"]);
  return result;
}

inline json find(const std::string& name) {
  for (json c : all_cases())
    if (c["name"] == name) return c;
  return {};
}

/// A name that GoogleTest accepts.
inline std::string test_name(std::string name) {
  std::ranges::replace(name, '-', '_');
  return name;
}

}  // namespace pleura::test
