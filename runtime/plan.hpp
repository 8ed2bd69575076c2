#pragma once
/// A network made ready for one device, precision and shape: steps in order, bound to one arena.
#include <functional>
#include <memory>
#include <vector>

#include "runtime/arena.hpp"
#include "runtime/step.hpp"
#include "runtime/tensor.hpp"

namespace pleura::runtime {

/// One run of a step on fixed memory. A layer done in slabs has several.
struct Invocation {
  std::shared_ptr<const Step> step;
  Operands operands;
  TensorView output;      ///< what operands.output holds afterwards
  std::size_t layer = 0;  ///< index of the network's layer
};

/// A device's own form of all the steps of a plan.
struct Recording {
  Recording() = default;
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;
  virtual ~Recording() = default;
};

/// Owns the steps and the memory that they run on.
struct Plan {
  Arena arena;
  std::vector<Invocation> invocations;
  std::vector<TensorView> inputs;        ///< to be filled before each run; a run may overwrite them
  TensorView output;                     ///< valid until the next run
  std::int64_t weight_bytes = 0;         ///< packed weights that the steps read, each counted once
  std::unique_ptr<Recording> recording;  ///< made by the device that runs the plan, where it has any use of one
  bool can_be_recorded = true;           ///< as far as is known
  bool was_run = false;                  ///< by such a device
};

/// Called after each invocation with the seconds that it took.
using Observer = std::function<void(const Invocation& invocation, double seconds)>;

/// What follows is for plans and tensors in host memory; other devices: device.hpp.

/// Runs a plan; nothing is allocated. With an observer each step is waited for and timed.
void execute(const Plan& plan, const Stream& stream, const Observer& observer = {});

/// True where every element of a tensor is finite.
[[nodiscard]] bool all_finite(const TensorView& tensor);

}  // namespace pleura::runtime
