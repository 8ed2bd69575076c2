// The direct convolution of f32 activations.
#include "direct_launch.cuh"

namespace pleura::kernels::cuda {

void convolve(const Lowered& operation, const DirectTiling& tiling, const ConvolutionOperands<float>& operands,
              cudaStream_t stream) {
  launch(operation, tiling, operands, stream);
}

}  // namespace pleura::kernels::cuda
