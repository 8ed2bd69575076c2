#pragma once
/// A layer's weights with its batch norm folded into them.
#include <vector>

#include "layers/networks/network.hpp"
#include "weights/model.hpp"

namespace pleura::layers {

/// In PyTorch's layout, the input channels in the order of the layer's input value.
struct FoldedWeights {
  std::vector<float> kernel, bias;
  std::array<std::vector<float>, 2> slopes;

  /// Valid as long as this lives.
  [[nodiscard]] kernels::ConvolutionWeights view() const { return {kernel, bias, {slopes[0], slopes[1]}}; }
};

/// Computed in double, rounded once: kernel * s and (bias - mean) * s + shift with s = scale / sqrt(variance + 1e-5).
/// Throws Error(weights_refused) where a tensor is missing or of another size.
[[nodiscard]] FoldedWeights fold(const Layer& layer, const weights::TensorMap& tensors);

}  // namespace pleura::layers
