#pragma once
/// The tensors that a network's layers need.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "layers/networks/network.hpp"

namespace pleura::layers {

/// Name and shape of each tensor, in PyTorch's layout, in the order of the layers.
using TensorShapes = std::vector<std::pair<std::string, std::vector<std::int64_t>>>;

[[nodiscard]] TensorShapes tensor_shapes(const Network& network);

/// Of a network by its hyperparameters, which are in the ranges of docs/weights-format.md.
[[nodiscard]] TensorShapes tensor_shapes(const VNetHyper& hyper);
[[nodiscard]] TensorShapes tensor_shapes(const ClassifierHyper& hyper);

}  // namespace pleura::layers
