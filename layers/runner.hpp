#pragma once
/// Plans of one network, kept by input shape, and what can be done with them.
#include <functional>
#include <list>

#include "layers/figures.hpp"
#include "layers/options.hpp"
#include "layers/planner.hpp"
#include "layers/profile.hpp"

namespace pleura::layers {

class Runner {
 public:
  using Build = std::function<Network(const runtime::Shape& input)>;

  /// Throws Error(usage) where the device does not compute in that precision, Error(weights_refused) where the weights
  /// do not fit it: `least` is an input shape, of which only the layers count.
  Runner(Build build, const runtime::Shape& least, weights::TensorMap tensors, kernels::OpenDevice device,
         const Options& options);

  /// One pass over what lies in the inputs of the shape's plan, which it may overwrite; the logits stay on the device,
  /// until the next call. `done`, if given, hears after each step what share of the pass is done, but not from a device
  /// with a queue: that would hold it up.
  runtime::TensorView run(const runtime::Shape& shape, const std::function<void(double)>& done = {});

  /// The plan for an input shape, made or kept; valid until the next call.
  PlannedNetwork& plan(const runtime::Shape& shape);

  /// Gives all plans up.
  void give_up_plans();

  /// Another bound for the plans, 0 for none. Plans that do not fit it together are given up.
  void bound_memory(std::uint64_t bytes);

  /// What the kept plans and the packed weights take.
  [[nodiscard]] std::uint64_t held_bytes() const;

  [[nodiscard]] PlanFigures figures(const runtime::Shape& shape);
  [[nodiscard]] NetworkProfile profile(const runtime::Shape& shape, const ProfiledRuns& runs);
  /// On what lies in the inputs.
  [[nodiscard]] std::string first_bad_layer(const runtime::Shape& shape);

  [[nodiscard]] const kernels::OpenDevice& device() const { return device_; }
  [[nodiscard]] Kernels kernels() const { return kernels_; }

 private:
  /// Bytes for the packed weights and one more plan; `reserved`: of a GPU, to be left to others.
  [[nodiscard]] std::int64_t allowed(std::int64_t reserved) const;
  [[nodiscard]] std::int64_t arena_bytes() const;
  /// Of the plans, the one that was not used for longest.
  bool give_up_oldest();

  Build build_;
  kernels::OpenDevice device_;
  runtime::DType activations_;
  Kernels kernels_;
  std::shared_ptr<Tuner> tuner_;
  std::uint64_t memory_bytes_;
  PackedWeights weights_;            ///< what the plans read
  std::list<PlannedNetwork> plans_;  ///< the last used first
};

}  // namespace pleura::layers
