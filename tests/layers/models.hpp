#pragma once
/// Networks with random weights for the tests of this room.
#include <numeric>

#include "counter_random.hpp"
#include "layers/inference.hpp"
#include "weights/model.hpp"

namespace pleura::test {

using runtime::DType;

inline weights::Segmenter random_segmenter(const weights::VNetHyper& hyper, std::uint64_t seed) {
  return {hyper, {}, weights::random_tensors(weights::tensor_shapes(hyper), "segmenter/", seed)};
}

inline weights::Classifier random_classifier(const weights::ClassifierHyper& hyper, std::uint64_t seed) {
  const char* prefix = hyper.uses_distance ? "classifiers/m2/" : "classifiers/m1/";
  return {hyper, {}, weights::random_tensors(weights::tensor_shapes(hyper), prefix, seed)};
}

inline layers::HostTensor random_tensor(const std::string& name, const std::array<std::int64_t, 5>& shape,
                                        std::uint64_t seed) {
  const std::int64_t count = std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
  return {shape, uniform(name, seed, count)};
}

inline layers::HostTensor random_volume(const Index3& shape) {
  return random_tensor("input", {1, shape[0], shape[1], shape[2], 1}, 3);
}

/// A few channels; blocks of both kinds accept them.
inline weights::VNetHyper narrow(bool rpn, weights::Block block) {
  weights::VNetHyper hyper;
  hyper.rpn = rpn;
  hyper.block = block;
  hyper.channels = {4, 8, 12, 16, 20};
  return hyper;
}

inline kernels::OpenDevice on(const std::string& device) { return kernels::open_device(device, 2); }

}  // namespace pleura::test
