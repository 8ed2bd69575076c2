#include "weights/random.hpp"

#include <cmath>
#include <string_view>

#include "pleura/error.hpp"
#include "weights/model.hpp"

namespace pleura::weights {
namespace {

std::uint64_t fnv1a64(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

std::uint64_t splitmix64(std::uint64_t z) {
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
  return z ^ z >> 31;
}

/// Values are low + high * u with u in -1..1.
struct Spread {
  float low, high;
};

/// Logits are small, as detection heads begin: else proposals lie far outside the lungs and none is classified.
constexpr float of_logits = 1.0F / 64;

/// Residual branches are small beside what they are added to, as in trained networks: else each Inception-ResNet block
/// makes its sum half as large again, and 14 of them pass what fp16 holds.
constexpr float of_residual_branches = 1.0F / 4;

Spread spread(std::string_view name, const std::vector<std::int64_t>& shape) {
  const std::size_t dot = name.rfind('.');
  const std::string_view parameter = name.substr(dot + 1);
  std::string_view module = name.substr(0, dot);
  module = module.substr(module.rfind('.') + 1);
  if (parameter == "bias" || parameter == "running_mean") return {0.0F, 0.1F};
  if (parameter == "running_var") return {1.0F, 0.5F};
  if (shape.size() == 1) return module.ends_with("act") ? Spread{0.25F, 0.1F} : Spread{1.0F, 0.5F};
  std::int64_t fan_in = shape[0];  // of a deconvolution: each output voxel sees one voxel of each input channel
  if (module != "up") {
    fan_in = 1;
    for (std::size_t i = 1; i < shape.size(); ++i) fan_in *= shape[i];
  }
  return {0.0F, static_cast<float>(std::sqrt(6.0 / static_cast<double>(fan_in)))};
}

Segmenter random_segmenter(const RandomWeights& what) {
  Segmenter segmenter;
  VNetHyper& hyper = segmenter.hyper;
  hyper.rpn = what.architecture.ends_with("rpn");
  hyper.block = what.architecture == "vnet-ir-rpn" ? Block::inception_resnet : Block::conv5;
  if (what.architecture == "vnet") hyper.norm = Norm::none;
  if (what.architecture == "vnet-monai") {
    hyper.down_convs = {1, 2, 3, 2};
    hyper.up_convs = {2, 2, 1, 1};
    hyper.activation = Activation::elu;
    hyper.activate_before_add = true;
  }
  if (!hyper.rpn) segmenter.settings.threshold = 0.5;
  if (!what.channels.empty()) {
    if (what.channels.size() != hyper.channels.size())
      throw Error(Status::usage, "channels: found " + std::to_string(what.channels.size()) + " widths, expected 5");
    std::copy(what.channels.begin(), what.channels.end(), hyper.channels.begin());
  }
  return segmenter;
}

}  // namespace

TensorMap random_tensors(const TensorShapes& shapes, const std::string& prefix, std::uint64_t seed) {
  TensorMap tensors;
  for (const auto& [name, shape] : shapes) {
    const std::uint64_t key = fnv1a64(prefix + name) ^ seed;
    auto [low, high] = spread(name, shape);
    if (name.starts_with("head.logits.")) high *= of_logits;
    if (name.ends_with(".expand.weight")) high *= of_residual_branches;
    Tensor tensor{shape, std::vector<float>(static_cast<std::size_t>(element_count(shape)))};
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
      const std::uint64_t bits = splitmix64(key + i * 0x9e3779b97f4a7c15ULL);
      const float u = static_cast<float>(bits >> 40) * 0x1p-23F - 1.0F;
      tensor.values[i] = low + high * u;
    }
    tensors.emplace(name, std::move(tensor));
  }
  return tensors;
}

Model random_model(const RandomWeights& what) {
  Model model;
  model.name = what.architecture + "-random-" + std::to_string(what.seed);
  model.licence = "Apache-2.0";
  model.intended_use = "Tests and timings; the weights are random. Research use only.";
  model.provenance = "pleura weights random --arch " + what.architecture + " --seed " + std::to_string(what.seed);
  const bool one_classifier = what.architecture == "classifier-m1" || what.architecture == "classifier-m2";
  if (!one_classifier) {
    if (what.architecture != "vnet" && what.architecture != "vnet-monai" && what.architecture != "vnet-rpn" &&
        what.architecture != "vnet-ir-rpn")
      throw Error(Status::usage, "architecture: found '" + what.architecture +
                                     "', expected vnet, vnet-monai, vnet-rpn, vnet-ir-rpn, classifier-m1 or "
                                     "classifier-m2");
    model.segmenter = random_segmenter(what);
  } else if (!what.channels.empty()) {
    throw Error(Status::usage, "channels: a classifier's are fixed");
  }
  for (const std::string name : {"m1", "m2"})
    if (!one_classifier || what.architecture == "classifier-" + name)
      model.classifiers[name].hyper.uses_distance = name == "m2";
  check_model(model);  // before memory is taken for the tensors
  if (model.segmenter)
    model.segmenter->tensors = random_tensors(tensor_shapes(model.segmenter->hyper), "segmenter/", what.seed);
  for (auto& [name, classifier] : model.classifiers)
    classifier.tensors = random_tensors(tensor_shapes(classifier.hyper), "classifiers/" + name + "/", what.seed);
  return model;
}

}  // namespace pleura::weights
