#pragma once
/// Weights as kernels read them. They lie apart from the steps that read them, so that those of a layer, packed once,
/// serve its steps of every shape and slab.
#include <array>
#include <compare>
#include <cstddef>
#include <span>
#include <string>

#include "kernels/epilogue.hpp"
#include "runtime/step.hpp"

namespace pleura::kernels {

/// Folded fp32 weights of a convolution; a step packs them and rounds them to its input's type.
struct ConvolutionWeights {
  std::span<const float> kernel;                 ///< OIDHW, as in PyTorch
  std::span<const float> bias;                   ///< one an output channel
  std::array<std::span<const float>, 2> slopes;  ///< of the stages' PReLUs, one an output channel; else empty
};

/// How packed weights lie. Steps of one layer whose forms are equal read the same bytes.
struct PackedForm {
  std::string name;  ///< "direct k5 x32 f16"
  std::int64_t bytes = 0;
  auto operator<=>(const PackedForm&) const = default;
};

/// A step that reads packed weights.
class WeightedStep : public runtime::Step {
 public:
  /// Follows from kernel, channels and types, not from n, d, h and w; a kernel that cannot hold to that says so.
  [[nodiscard]] virtual PackedForm form() const = 0;

  /// Packs weights that fit the operation into form().bytes of host memory, which are zeros and aligned to 64 bytes. On
  /// the calling thread: layers are packed side by side.
  virtual void pack(const ConvolutionWeights& weights, std::byte* to) const = 0;
};

/// Bias and slopes in packed weights.
struct EpilogueWeights {
  const float* bias = nullptr;
  const float* slopes[2] = {};  ///< of a stage's PReLU, else nullptr
};

/// Where the parts of packed weights lie: first the kernel, then bias and slopes in fp32.
class PackedParts {
 public:
  /// `channels`: the output's with the zeros that the kernel wants behind them.
  PackedParts(std::int64_t kernel_bytes, std::int64_t channels, const Epilogue& epilogue);

  [[nodiscard]] std::int64_t bytes() const { return bytes_; }

  /// All but the kernel.
  void pack_epilogue(const ConvolutionWeights& weights, std::byte* to) const;

  /// `packed` may be a device's memory.
  [[nodiscard]] EpilogueWeights epilogue(const void* packed) const;

 private:
  std::int64_t bias_, bytes_;
  std::array<std::int64_t, 2> slopes_{};  ///< 0 where a stage has none
};

}  // namespace pleura::kernels
