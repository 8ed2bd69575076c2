#pragma once
/// The weights of a network as its kernels read them, in a device's memory.
#include <map>
#include <vector>

#include "layers/networks/network.hpp"
#include "runtime/device.hpp"
#include "weights/model.hpp"

namespace pleura::layers {

/// Each layer's weights, packed once for each form that a kernel asks for and then there for every plan, slab and
/// shape: the layers of a network are the same at every input shape, and so are, as a rule, the forms. The fp32
/// originals are kept in host memory, for the shape that does ask for another form.
class PackedWeights {
 public:
  /// A layer by its index, and a form.
  using Key = std::pair<std::size_t, kernels::PackedForm>;
  /// What a plan needs, with a step that packs it.
  using Needs = std::map<Key, const kernels::WeightedStep*>;

  /// The device outlives this.
  PackedWeights(weights::TensorMap tensors, runtime::Device& device) : tensors_(std::move(tensors)), device_(device) {}

  /// What these take, and what of it is not there yet.
  [[nodiscard]] static std::int64_t bytes(const Needs& needs);
  [[nodiscard]] std::int64_t missing_bytes(const Needs& needs) const;

  /// Packs what is missing: one allocation, and one upload where the device's memory is not the host's. Throws
  /// Error(resources) where there is not enough memory, and Error(weights_refused) where a tensor is missing.
  void require(const Network& network, const Needs& needs);

  /// Throws Error(weights_refused) naming a layer some of whose weights, folded, are infinite in fp16. Bias and slopes
  /// stay in fp32.
  void require_fp16(const Network& network) const;

  /// In the device's memory; what was required.
  [[nodiscard]] const std::byte* at(const Key& key) const { return packed_.at(key); }

  [[nodiscard]] std::int64_t held_bytes() const;

 private:
  weights::TensorMap tensors_;
  runtime::Device& device_;
  std::vector<runtime::Arena> blocks_;  ///< one for each plan that something was missing for
  std::map<Key, const std::byte*> packed_;
};

}  // namespace pleura::layers
