#pragma once
/// What a network is made of, as training chose it; attributes of a weights file (docs/weights-format.md).
#include <array>
#include <cstdint>
#include <vector>

#include "kernels/epilogue.hpp"

namespace pleura::layers {

enum class Block { conv5, inception_resnet };
enum class Norm { none, batch };

/// Hyperparameters of V-Net and its region-proposal forms.
struct VNetHyper {
  bool rpn = true;  ///< region-proposal head at stride 4; else mask head at stride 1
  Block block = Block::inception_resnet;
  std::array<std::int64_t, 5> channels{16, 32, 64, 128, 256};
  std::array<std::int64_t, 4> down_convs{1, 2, 3, 3};
  std::array<std::int64_t, 4> up_convs{3, 2, 1, 1};
  Norm norm = Norm::batch;
  kernels::Activation activation = kernels::Activation::prelu;  ///< never none
  bool activate_before_add = false;
  std::int64_t anchors = 3;        ///< A of the RPN head
  std::int64_t extra_classes = 0;  ///< K of the RPN head
};

/// Hyperparameters of the ResNet-18-like classifier with location attention.
struct ClassifierHyper {
  bool uses_distance = true;
  std::int64_t blocks = 9;
  std::vector<std::int64_t> hidden{16, 8};
  std::int64_t pixels = 60;
};

}  // namespace pleura::layers
