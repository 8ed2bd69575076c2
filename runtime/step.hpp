#pragma once
/// One unit of work of a plan: an operation of fixed shapes, ready to run on any memory that it is given.
#include <array>
#include <cstdint>

namespace pleura::runtime {

/// Where a step is to run.
struct Stream {
  int threads = 1;         ///< CPU threads that a step may use
  void* device = nullptr;  ///< the cudaStream_t that a step of a CUDA device queues its work on
};

/// The memory of one run of a step; layouts are those of the operation it was made for. All pointers are aligned to
/// their element at least; the workspace to 64 bytes. Output overlaps neither the input nor the workspace; a residual
/// may be the input.
struct Operands {
  const void* input = nullptr;
  void* output = nullptr;
  std::array<const void*, 2> residuals{};  ///< of the epilogue's stages; nullptr where a stage has none
  void* workspace = nullptr;               ///< workspace_bytes() of scratch, its contents undefined before and after
  const void* weights = nullptr;           ///< packed for the step, aligned to 64 bytes; of one without weights nullptr
};

/// Made once by a kernel variant, run many times. Owns no memory: activations and workspace belong to the plan, packed
/// weights to the network, and nothing is allocated in enqueue.
class Step {
 public:
  Step() = default;
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;
  virtual ~Step() = default;

  [[nodiscard]] virtual std::int64_t workspace_bytes() const { return 0; }

  /// Runs the step, or puts it on a device's stream. Gives the same bits each time.
  virtual void enqueue(const Operands& operands, const Stream& stream) const = 0;
};

}  // namespace pleura::runtime
