#pragma once
/// The layers of a network as kernel operations, and their steps, each made once.
#include <map>
#include <memory>
#include <string>

#include "kernels/backend.hpp"
#include "layers/networks/network.hpp"
#include "layers/slabs.hpp"
#include "weights/model.hpp"

namespace pleura::layers {

class Operations {
 public:
  /// All arguments but the type must outlive this.
  Operations(const Network& network, const weights::TensorMap& tensors, const kernels::Backend& backend,
             runtime::DType activations);

  /// A buffer, dense; f32 where it holds the network's output.
  [[nodiscard]] runtime::TensorDesc buffer(std::size_t index) const;

  /// A value with this many planes.
  [[nodiscard]] runtime::TensorDesc describe(const Value& value, std::int64_t planes) const;

  /// The step that makes these planes of a layer's output, with packed weights.
  [[nodiscard]] std::shared_ptr<const runtime::Step> step(std::size_t layer, const Planes& output);

  /// Name of the variant of each layer.
  [[nodiscard]] std::vector<std::string> variants() const;

 private:
  [[nodiscard]] bool may_run_in_slabs(std::size_t layer) const;
  kernels::Epilogue epilogue(const Layer& layer, std::int64_t planes) const;
  kernels::Convolution convolution(const Layer& layer, const Planes& output) const;
  kernels::Deconvolution deconvolution(const Layer& layer, const Planes& output) const;
  kernels::Pooling pooling(const Layer& layer, const Planes& output) const;

  const Network& network_;
  const weights::TensorMap& tensors_;
  const kernels::Backend& backend_;
  runtime::DType activations_;
  std::map<std::pair<std::size_t, std::string>, std::shared_ptr<const runtime::Step>> steps_;
};

}  // namespace pleura::layers
