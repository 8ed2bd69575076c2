#pragma once
/// Values of the host to and from tensors of a device.
#include "kernels/backend.hpp"

namespace pleura::kernels {

/// Copies dense fp32 values (shape.elements() of them) into a tensor, rounding. They are of no more use afterwards.
void copy_in(const OpenDevice& target, const float* values, const runtime::TensorView& tensor);

/// And a tensor into dense fp32 values, after all that was queued.
void copy_out(const OpenDevice& source, const runtime::TensorView& tensor, float* values);

/// True where every element of a tensor is finite, after all that was queued.
[[nodiscard]] bool all_finite(const OpenDevice& source, const runtime::TensorView& tensor);

}  // namespace pleura::kernels
