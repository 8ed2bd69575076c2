#pragma once
/// The naive twins: every operation as its specification, in any type and shape.
#include "kernels/backend.hpp"

namespace pleura::kernels::reference {

[[nodiscard]] std::unique_ptr<runtime::Step> make_convolution(const Convolution& operation,
                                                              const ConvolutionWeights& weights);
[[nodiscard]] std::unique_ptr<runtime::Step> make_deconvolution(const Deconvolution& operation,
                                                                const DeconvolutionWeights& weights);
[[nodiscard]] std::unique_ptr<runtime::Step> make_pooling(const Pooling& operation, const NoWeights& weights);

}  // namespace pleura::kernels::reference
