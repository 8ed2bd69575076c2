#pragma once
/// Max-pooling whose stride is its window (classifier: 1 x 2 x 2).
#include "kernels/convolution.hpp"
#include "kernels/variant.hpp"

namespace pleura::kernels {

/// output(z) = max of input(window * z + k) for 0 <= k < window inside the input, in each dimension. Output sizes are
/// input / window, rounded down, or up in ceil mode: the caller says which by the output's shape. Types of input and
/// output are equal.
struct Pooling {
  runtime::TensorDesc input, output;
  Extent3 window{1, 2, 2};
  bool operator==(const Pooling&) const = default;
};

using PoolingVariant = Variant<Pooling, runtime::Step>;

/// Throws Error(internal) naming what does not fit together.
void check(const Pooling& operation);

[[nodiscard]] std::string to_string(const Pooling& operation);

}  // namespace pleura::kernels
