#pragma once
/// kernels/epilogue.hpp as a kernel of its own, for sums that a library of others left in the output.
#include <cuda_fp16.h>
#include <cuda_runtime_api.h>

#include "kernels/cuda/network/convolution_arguments.hpp"

namespace pleura::kernels::cuda {

/// Turns sums, which lie where the outputs go and in their type, into outputs. Of the operands epilogue and output are
/// used; residuals are of the output's type.
void finish_outputs(const Lowered& operation, const ConvolutionOperands<float>& operands, cudaStream_t stream);
void finish_outputs(const Lowered& operation, const ConvolutionOperands<__half>& operands, cudaStream_t stream);

}  // namespace pleura::kernels::cuda
