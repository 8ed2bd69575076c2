#pragma once
/// What follows the accumulation of a convolution, fused into it; one form serves every network.
#include <array>
#include <optional>

#include "runtime/tensor.hpp"

namespace pleura::kernels {

/// elu: x > 0 ? x : exp(x) - 1. prelu: x > 0 ? x : slope * x, one slope a channel.
enum class Activation : std::uint8_t { none, relu, elu, prelu };

/// One stage: v = activation(v + residual).
struct EpilogueStage {
  /// As large as the output; one channel is added to every channel of the output.
  std::optional<runtime::TensorDesc> residual;
  Activation activation = Activation::none;
  bool operator==(const EpilogueStage&) const = default;
};

/// v = accumulated + bias; then both stages in order, in fp32 (reference: double); then v is rounded to the output's
/// type.
/// - plain layer: {none, act}, {}
/// - last convolution of a V-Net stage, Inception-ResNet or basic block: {input of the block, act}, {}
/// - MONAI's order, activation before the add: {none, act}, {input of the stage, act}
/// - last Inception-ResNet block of a stage: {input of the block, act}, {input of the stage, act}
struct Epilogue {
  std::array<EpilogueStage, 2> stages;
  bool operator==(const Epilogue&) const = default;
};

}  // namespace pleura::kernels
