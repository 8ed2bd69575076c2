#pragma once
/// The naive twins: every operation as its specification, in any type and shape.
#include "kernels/backend.hpp"

namespace pleura::kernels::reference {

[[nodiscard]] std::unique_ptr<WeightedStep> make_convolution(const Convolution& operation,
                                                             const runtime::Device& device);
[[nodiscard]] std::unique_ptr<WeightedStep> make_deconvolution(const Deconvolution& operation,
                                                               const runtime::Device& device);
[[nodiscard]] std::unique_ptr<runtime::Step> make_pooling(const Pooling& operation, const runtime::Device& device);

}  // namespace pleura::kernels::reference
