#pragma once
/// Copies a tensor into one of another type or pitch.
#include <cstdint>
#include <string>

#include "runtime/step.hpp"
#include "runtime/tensor.hpp"

namespace pleura::kernels {

/// output = input, rounded to nearest even; what fp16 cannot hold becomes infinity. Shapes are equal; types and pitches
/// may differ.
struct Conversion {
  runtime::TensorDesc input, output;
  bool operator==(const Conversion&) const = default;
};

/// Throws Error(internal) naming what does not fit together.
void check(const Conversion& operation);

/// "convert f32:1x2x3x4x5 -> f16:1x2x3x4x5/8".
[[nodiscard]] std::string to_string(const Conversion& operation);

namespace reference {

/// The naive twin, in host memory, for every type.
void convert(const void* input, void* output, const Conversion& operation);

}  // namespace reference

namespace cpu {

/// The same on threads.
void convert(const void* input, void* output, const Conversion& operation, const runtime::Stream& stream);

}  // namespace cpu
}  // namespace pleura::kernels
