#pragma once
/// Softmax over the channels of each voxel: two classes of a mask, three of the classifier.
#include <string>

#include "runtime/tensor.hpp"

namespace pleura::kernels {

/// output(c) = exp(input(c) - m) / sum over k of exp(input(k) - m), m the largest input of the voxel. f32 or f16 to
/// f32; shapes are equal.
struct Softmax {
  runtime::TensorDesc input, output;
  bool operator==(const Softmax&) const = default;
};

/// Throws Error(internal) naming what does not fit together.
void check(const Softmax& operation);

/// "softmax f16:1x8x9x10x2 -> f32:1x8x9x10x2".
[[nodiscard]] std::string to_string(const Softmax& operation);

namespace reference {

/// The naive twin, in host memory, summing in double.
void softmax(const void* input, float* output, const Softmax& operation);

}  // namespace reference
}  // namespace pleura::kernels
