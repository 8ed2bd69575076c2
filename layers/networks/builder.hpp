#pragma once
/// What the builders of networks share.
#include "layers/networks/network.hpp"

namespace pleura::layers {

using Stages = std::array<Stage, 2>;

/// Appends buffers and layers to a network.
class Builder {
 protected:
  Builder(bool norms, kernels::Activation activation) : norms_(norms), activation_(activation) {}

  /// A new buffer, whole.
  Value buffer(const runtime::Shape& shape);

  /// Some of a value's channels.
  static Value channels(const Value& value, std::int64_t first, std::int64_t count);

  /// The network's activation, under a module's name.
  Stage activation(const std::string& module) const;
  Stage add_and_activate(const Value& residual, const std::string& module) const;

  Layer& add(LayerKind kind, const std::string& module, const Value& in, const Value& out, const std::string& norm,
             const Stages& stages);

  /// A convolution with a kernel of odd sizes, its padding keeping the input's.
  Layer& convolve(const std::string& module, const Value& in, const Value& out, const kernels::Extent3& kernel,
                  const std::string& norm, const Stages& stages);

  Network network_;

 private:
  bool norms_;
  kernels::Activation activation_;
};

}  // namespace pleura::layers
