#pragma once
/// What NVIDIA's libraries do of an epilogue, and what they are given to run.
#include <numeric>
#include <optional>

#include "kernels/epilogue.hpp"

namespace pleura::kernels::vendor {

/// activation(sum + bias + residual). In fp32, one stage, with ReLU or none: of fp16 outputs they take the bias in
/// fp16, which would be rounded.
struct Fused {
  std::optional<runtime::TensorDesc> residual;  ///< as large as the output
  bool relu = false;                            ///< NaN stays NaN
};

/// The whole of an epilogue, where it has that form.
[[nodiscard]] inline std::optional<Fused> fusable(const Epilogue& epilogue, const runtime::TensorDesc& output) {
  const auto& [first, second] = epilogue.stages;
  const bool activation = first.activation == Activation::none || first.activation == Activation::relu;
  const bool residual =
      !first.residual || (first.residual->dtype == runtime::DType::f32 && first.residual->shape == output.shape);
  if (output.dtype != runtime::DType::f32 || !activation || !residual || second != EpilogueStage{}) return {};
  return Fused{first.residual, first.activation == Activation::relu};
}

/// Bytes that the first element of a tensor is aligned to, at most 16: a dense one lies at the start of its buffer, a
/// group of a buffer's channels behind others of a width that its own and the pitch share.
[[nodiscard]] inline std::int64_t alignment_of(const runtime::TensorDesc& desc) {
  constexpr std::int64_t most = 16;
  if (desc.pitch == desc.shape.c) return most;
  return std::gcd(most, std::gcd(desc.shape.c, desc.pitch) * size_of(desc.dtype));
}

/// The memory of one run.
struct VendorOperands {
  const void* input = nullptr;
  const void* kernel = nullptr;
  void* output = nullptr;
  void* workspace = nullptr;
  const void* bias = nullptr;      ///< in fp32, where it is fused
  const void* residual = nullptr;  ///< where one is
};

}  // namespace pleura::kernels::vendor
