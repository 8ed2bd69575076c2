#pragma once
/// Times a layer alone, on tensors full of noise.
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "kernels/backend.hpp"
#include "runtime/arena.hpp"

namespace pleura::layers {

/// A layer's tensors, and how large its weights are.
struct BenchShapes {
  explicit BenchShapes(const kernels::Convolution& operation);
  explicit BenchShapes(const kernels::Deconvolution& operation);
  explicit BenchShapes(const kernels::Pooling& operation);

  runtime::TensorDesc input, output;
  std::array<std::optional<runtime::TensorDesc>, 2> residuals;
  std::array<bool, 2> slopes{};  ///< of each stage's PReLU
  std::int64_t taps = 0;         ///< of the kernel; 0: a layer without weights

  /// What a bench takes on device and host together, beside workspace.
  [[nodiscard]] std::int64_t bytes() const;
};

class LayerBench {
 public:
  /// Throws OutOfMemory. The calling thread is bound to the device, which outlives this.
  LayerBench(const kernels::OpenDevice& device, const BenchShapes& shapes);

  /// The median of 5 to 25 runs, the more the shorter they are, after two that warm up; the second one's own seconds
  /// where they pass `bound`. `weighted`: the
  /// same step, where it has weights.
  [[nodiscard]] double seconds(std::shared_ptr<const runtime::Step> step, const kernels::WeightedStep* weighted,
                               double bound);

 private:
  [[nodiscard]] runtime::Arena packed(const kernels::WeightedStep& step) const;

  const kernels::OpenDevice& device_;
  BenchShapes shapes_;
  runtime::Arena memory_;
  runtime::Operands operands_;
};

}  // namespace pleura::layers
