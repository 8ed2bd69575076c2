#pragma once
/// What plans run on: whose memory they lie in, who runs their steps, how tensors get there and back.
#include <memory>

#include "runtime/plan.hpp"

namespace pleura::runtime {

/// One device as one thread uses it; its plans end before it does. Tensors are those of its plans.
class Device {
 public:
  Device() = default;
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  virtual ~Device() = default;

  /// Throws Error(resources) naming the bytes where there is not enough.
  [[nodiscard]] virtual Arena allocate(std::int64_t bytes) = 0;
  /// Bytes that allocate could give now, as far as the device knows; else the largest number there is.
  [[nodiscard]] virtual std::int64_t available_bytes() const = 0;

  /// Runs a plan; nothing is allocated. With an observer each step is waited for and timed, without one a device may
  /// return before the steps have ended: copy_out waits for them.
  virtual void execute(Plan& plan, const Observer& observer = {}) = 0;

  /// Copies dense fp32 values (shape.elements() of them) into a tensor, rounding; they stay as they are until the next
  /// copy_out. And a tensor into dense fp32 values.
  virtual void copy_in(const float* values, const TensorView& tensor) = 0;
  virtual void copy_out(const TensorView& tensor, float* values) = 0;

  /// True where every element of a tensor is finite; waits for the steps before.
  [[nodiscard]] virtual bool all_finite(const TensorView& tensor) = 0;
};

/// The CPU, with up to that many threads.
[[nodiscard]] std::unique_ptr<Device> open_cpu(int threads);

}  // namespace pleura::runtime
