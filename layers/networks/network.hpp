#pragma once
/// A network for one input shape: fused layers over values. A layer is convolution + bias + batch norm + residuals +
/// activations.
#include <string>
#include <vector>

#include "kernels/convolution.hpp"
#include "layers/networks/hyper.hpp"

namespace pleura::layers {

/// Channels [channel, channel + shape.c) of a buffer.
struct Value {
  std::size_t buffer = 0;
  std::int64_t channel = 0;
  runtime::Shape shape;
};

enum class LayerKind { convolution, deconvolution, pooling };

/// How PyTorch's layout has a convolution's kernel: (d, h, w), (h, w) of a depth of 1, or flat, of a linear layer.
enum class WeightForm { volume, image, linear };

/// One stage of the epilogue.
struct Stage {
  std::optional<Value> residual;
  kernels::Activation activation = kernels::Activation::none;
  std::string slopes;  ///< module of a PReLU, else empty
};

struct Layer {
  std::string name;  ///< module of its weight and bias, docs/weights-format.md; of a pooling just a name
  LayerKind kind = LayerKind::convolution;
  Value input, output;
  kernels::Extent3 kernel{1, 1, 1}, stride{1, 1, 1}, pad{};
  WeightForm form = WeightForm::volume;
  std::string norm;  ///< module of the batch norm folded into it, or empty
  std::array<Stage, 2> stages{};
  /// The weights' input channel (j + rotation) mod c reads channel j of the input value.
  std::int64_t rotation = 0;
};

struct Network {
  std::vector<runtime::Shape> buffers;
  std::vector<Value> inputs;
  Value output;
  std::vector<Layer> layers;
  /// Layers, by index, that may run in slabs along depth, together, to keep what they write at full resolution small.
  /// What a group's last layer writes is kept whole; what the others write is seen by the group alone (a layer in two
  /// groups runs in each).
  std::vector<std::vector<std::size_t>> slab_groups;
  bool slabs_are_free = false;  ///< no layer is in two groups and no slab needs a halo of anything but the input
};

/// V-Net with mask head or region-proposal head (docs/networks.md). `input` has one channel, sizes multiples of 16.
[[nodiscard]] Network build_vnet(const VNetHyper& hyper, const runtime::Shape& input);

/// The classifier (paper 2.5.2, docs/networks.md) for a batch of patches. Inputs: the patches; with uses_distance one
/// distance for each.
[[nodiscard]] Network build_classifier(const ClassifierHyper& hyper, std::int64_t patches);

/// Learned numbers: weights, biases, the norm's scale and shift, slopes.
[[nodiscard]] std::int64_t parameters(const Layer& layer);

/// Multiply-accumulates, padding counted as if it were data.
[[nodiscard]] std::int64_t macs(const Layer& layer);

/// Elements read and written: input, residuals and output.
[[nodiscard]] std::int64_t elements_moved(const Layer& layer);

}  // namespace pleura::layers
