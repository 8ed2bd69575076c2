#include "layers/fold.hpp"

#include <cmath>

#include "pleura/error.hpp"

namespace pleura::layers {
namespace {

const std::vector<float>& find(const weights::TensorMap& tensors, const std::string& name, std::int64_t size) {
  const auto tensor = tensors.find(name);
  const bool missing = tensor == tensors.end();
  if (missing || static_cast<std::int64_t>(tensor->second.values.size()) != size)
    throw Error(Status::weights_refused,
                "tensor " + name + ": found " +
                    (missing ? "none" : std::to_string(tensor->second.values.size()) + " values") + ", expected " +
                    std::to_string(size) + " values");
  return tensor->second.values;
}

}  // namespace

FoldedWeights fold(const Layer& layer, const weights::TensorMap& tensors) {
  constexpr double epsilon = 1e-5;
  const std::int64_t in = layer.input.shape.c, out = layer.output.shape.c;
  const std::int64_t taps = layer.kernel[0] * layer.kernel[1] * layer.kernel[2];
  const auto tensor = [&](const std::string& name, std::int64_t size) -> const std::vector<float>& {
    return find(tensors, name, size);
  };

  std::vector<double> scale(out, 1.0), shift(out, 0.0);
  if (!layer.norm.empty()) {
    const auto &gain = tensor(layer.norm + ".weight", out), &offset = tensor(layer.norm + ".bias", out);
    const auto& mean = tensor(layer.norm + ".running_mean", out);
    const auto& variance = tensor(layer.norm + ".running_var", out);
    for (std::int64_t o = 0; o < out; ++o) {
      scale[o] = gain[o] / std::sqrt(variance[o] + epsilon);
      shift[o] = offset[o] - mean[o] * scale[o];
    }
  }

  FoldedWeights folded;
  folded.kernel.resize(in * out * taps);
  const auto& kernel = tensor(layer.name + ".weight", in * out * taps);
  const bool outputs_first = layer.kind == LayerKind::convolution;  // OIDHW, else IODHW
  const auto row = [&](std::int64_t o, std::int64_t i) { return (outputs_first ? o * in + i : i * out + o) * taps; };
  for (std::int64_t o = 0; o < out; ++o)
    for (std::int64_t i = 0; i < in; ++i)
      for (std::int64_t k = 0; k < taps; ++k)
        folded.kernel[row(o, i) + k] = static_cast<float>(kernel[row(o, (i + layer.rotation) % in) + k] * scale[o]);

  const auto& bias = tensor(layer.name + ".bias", out);
  folded.bias.resize(out);
  for (std::int64_t o = 0; o < out; ++o) folded.bias[o] = static_cast<float>(bias[o] * scale[o] + shift[o]);
  for (std::size_t i = 0; i < layer.stages.size(); ++i)
    if (!layer.stages[i].slopes.empty()) folded.slopes[i] = tensor(layer.stages[i].slopes + ".weight", out);
  return folded;
}

}  // namespace pleura::layers
