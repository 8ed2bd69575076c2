#pragma once
/// The layers of a network as kernel operations, and their steps, each made once.
#include <map>
#include <memory>
#include <string>
#include <variant>

#include "kernels/backend.hpp"
#include "layers/networks/network.hpp"
#include "layers/packed_weights.hpp"
#include "layers/slabs.hpp"
#include "layers/tuning/tuner.hpp"
#include "pleura/engine_options.hpp"

namespace pleura::layers {

/// A step of a layer, and what it reads of the packed weights.
struct LayerStep {
  std::shared_ptr<const runtime::Step> step;
  const kernels::WeightedStep* weighted = nullptr;  ///< the same step; nullptr where it has no weights
  PackedWeights::Key weights;
};

/// Choosing variants by measurement.
struct Tuning {
  Tuner& tuner;
  const kernels::OpenDevice& device;  ///< where the network is to run
  std::int64_t bytes = 0;             ///< that measuring may take
};

class Operations {
 public:
  /// The model chooses the variants, or with `tuning` the tuner. All arguments but the type and the kernels must
  /// outlive this, `tuning` the call.
  Operations(const Network& network, const kernels::Backend& backend, const runtime::Device& device,
             runtime::DType activations, Kernels kernels = Kernels::native, const Tuning* tuning = nullptr);

  /// A buffer, dense; f32 where it holds the network's output.
  [[nodiscard]] runtime::TensorDesc buffer(std::size_t index) const;

  /// A value with this many planes.
  [[nodiscard]] runtime::TensorDesc describe(const Value& value, std::int64_t planes) const;

  /// The step that makes these planes of a layer's output. Lives as long as this.
  [[nodiscard]] const LayerStep& step(std::size_t layer, const Planes& output);

  /// Name of the variant of each layer.
  [[nodiscard]] std::vector<std::string> variants() const;

 private:
  using Choice = std::variant<const kernels::ConvolutionVariant*, const kernels::DeconvolutionVariant*,
                              const kernels::PoolingVariant*>;

  /// What supports a layer, as the model would take it.
  [[nodiscard]] std::vector<Choice> candidates(std::size_t layer) const;
  void choose(const Tuning& tuning, const std::vector<std::vector<Choice>>& candidates);
  [[nodiscard]] double measure(std::size_t layer, const Choice& candidate, double bound, const Tuning& tuning);
  [[nodiscard]] static std::string name_of(const Choice& choice);
  [[nodiscard]] bool may_run_in_slabs(std::size_t layer) const;
  kernels::Epilogue epilogue(const Layer& layer, std::int64_t planes) const;
  kernels::Convolution convolution(const Layer& layer, const Planes& output) const;
  kernels::Deconvolution deconvolution(const Layer& layer, const Planes& output) const;
  kernels::Pooling pooling(const Layer& layer, const Planes& output) const;
  /// These planes of a layer's output as one of the three, for a generic `use`.
  template <class Use>
  decltype(auto) visit(std::size_t layer, const Planes& output, const Use& use) const;

  const Network& network_;
  const kernels::Backend& backend_;
  const runtime::Device& device_;
  runtime::DType activations_;
  Kernels kernels_;
  std::vector<Choice> choices_;  ///< of each layer
  std::map<std::pair<std::size_t, std::string>, LayerStep> steps_;
};

}  // namespace pleura::layers
