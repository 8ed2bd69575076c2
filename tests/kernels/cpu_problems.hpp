#pragma once
/// Runs one operation by one variant on tensors with guard bands, poisoned outputs and poisoned gaps between voxels.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "run_operation.hpp"
#include "runtime/float16.hpp"

namespace pleura::kernels::testing {

/// Memory of a tensor between two guard bands; voxels' gaps (pitch > c) hold a pattern too.
class GuardedTensor {
 public:
  explicit GuardedTensor(const runtime::TensorDesc& desc)
      : desc_(desc), bytes_(static_cast<std::size_t>(desc.bytes())), memory_(bytes_ + 2 * guard, poison) {}

  [[nodiscard]] void* data() { return memory_.data() + guard; }
  [[nodiscard]] const void* data() const { return memory_.data() + guard; }

  [[nodiscard]] float at(std::int64_t voxel, std::int64_t channel) const {
    return runtime::load_element(desc_.dtype, data(), voxel * desc_.pitch + channel);
  }

  template <class Source>
  void fill(Source&& source) {
    for (std::int64_t v = 0; v < desc_.shape.voxels(); ++v)
      for (std::int64_t c = 0; c < desc_.shape.c; ++c)
        runtime::store_element(desc_.dtype, data(), v * desc_.pitch + c, source());
  }

  /// Nothing but the tensor's own elements was written.
  [[nodiscard]] bool intact() const {
    const auto element = static_cast<std::size_t>(runtime::size_of(desc_.dtype));
    for (std::size_t i = 0; i < memory_.size(); ++i) {
      const bool inside = i >= guard && i < guard + bytes_ &&
                          static_cast<std::int64_t>((i - guard) / element) % desc_.pitch < desc_.shape.c;
      if (!inside && memory_[i] != poison) return false;
    }
    return true;
  }

  [[nodiscard]] bool same_bytes(const GuardedTensor& other) const { return memory_ == other.memory_; }

 private:
  static constexpr std::size_t guard = 256;
  static constexpr unsigned char poison = 0xff;  // a NaN in every floating type

  runtime::TensorDesc desc_;
  std::size_t bytes_;
  std::vector<unsigned char> memory_;
};

/// An operation with its data.
template <class Operation>
struct Problem {
  Operation operation;
  std::vector<float> kernel, bias;
  std::array<std::vector<float>, 2> slopes;
  GuardedTensor input;
  std::array<std::unique_ptr<GuardedTensor>, 2> residuals;

  /// Integers: small ones, so that sums are exact in every order. Else He-scaled kernels on inputs in [-1, 1).
  Problem(const Operation& op, std::int64_t taps, bool integers, std::mt19937& random)
      : operation(op), input(op.input) {
    std::uniform_int_distribution<int> whole(-2, 2);
    std::uniform_real_distribution<float> real(-1, 1);
    const auto next = [&] { return integers ? static_cast<float>(whole(random)) : real(random); };
    const float scale = integers ? 1 : std::sqrt(6.0f / static_cast<float>(taps * op.input.shape.c));
    input.fill(next);
    kernel.resize(op.input.shape.c * op.output.shape.c * taps);
    for (float& value : kernel) value = scale * next();
    bias.resize(op.output.shape.c);
    for (float& value : bias) value = next();
    for (std::size_t s = 0; s < 2; ++s) {
      const EpilogueStage& stage = op.epilogue.stages[s];
      if (stage.activation == Activation::prelu) {
        slopes[s].resize(op.output.shape.c);
        for (float& value : slopes[s]) value = integers ? static_cast<float>(whole(random)) : 0.25f + 0.1f * next();
      }
      if (!stage.residual) continue;
      residuals[s] = std::make_unique<GuardedTensor>(*stage.residual);
      residuals[s]->fill(next);
    }
  }

  template <class V>
  [[nodiscard]] GuardedTensor run(const V& variant, int threads) const {
    const auto [step, weights] = test::make_step(variant, operation, {{}, kernel, bias, slopes, {}});
    std::vector<unsigned char> workspace(static_cast<std::size_t>(step->workspace_bytes()) + 64, 0xff);
    const auto misaligned = reinterpret_cast<std::uintptr_t>(workspace.data()) % 64;
    GuardedTensor output(operation.output);
    runtime::Operands operands;
    operands.input = input.data();
    operands.output = output.data();
    operands.weights = weights.data();
    operands.workspace = workspace.data() + (misaligned == 0 ? 0 : 64 - misaligned);
    for (std::size_t s = 0; s < 2; ++s)
      if (residuals[s]) operands.residuals[s] = residuals[s]->data();
    step->enqueue(operands, {threads});
    EXPECT_TRUE(output.intact()) << variant.name << " wrote past its output: " << to_string(operation);
    return output;
  }
};

/// ||a - b|| / ||b||; NaN where either holds one.
inline double relative_error(const GuardedTensor& a, const GuardedTensor& b, const runtime::Shape& shape) {
  double difference = 0, norm = 0;
  for (std::int64_t v = 0; v < shape.voxels(); ++v)
    for (std::int64_t c = 0; c < shape.c; ++c) {
      const double x = a.at(v, c), y = b.at(v, c);
      difference += (x - y) * (x - y);
      norm += y * y;
    }
  return norm == 0 ? std::sqrt(difference) : std::sqrt(difference / norm);
}

}  // namespace pleura::kernels::testing
