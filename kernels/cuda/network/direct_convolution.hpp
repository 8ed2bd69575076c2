#pragma once
/// Convolutions and deconvolutions without tensor cores, for every GPU: fp32 or fp16 in, kernels in the input's type,
/// sums in fp32.
///
/// An output sums taps of depth first, then (1 x 1 tiles) taps of rows and columns, then input channels, then (5 x 5
/// and 3 x 3 tiles, stride 1) the k x k taps of a plane, whatever the tile, so that its bits depend on nothing but the
/// values under its kernel. Where a plane is so small that blocks would leave most of a GPU idle, the sum is cut into
/// `splits` parts, and a second kernel adds these in order. Their number depends on the GPU, plane, channels and kernel
/// alone, for the same reason.
#include <cuda_fp16.h>
#include <cuda_runtime_api.h>

#include "kernels/cuda/network/convolution_arguments.hpp"
#include "kernels/cuda/network/direct_tile.hpp"

namespace pleura::kernels::cuda {

/// True for f32 -> f32, f16 -> f16 and f16 -> f32 with residuals of the input's type, and planes of fewer than 2^31
/// elements.
[[nodiscard]] bool direct_supports(const Lowered& operation);

/// How an operation is cut.
struct DirectTiling {
  DirectShape shape = DirectShape::square;
  int k = 1;  ///< width of the kernel that is done inside a stage: 1, 3 or 5
  int channels = 0, planes = 0, rows = 0, width = 0, chunk = 0;  ///< of the tile
  std::int64_t taps = 1;                                         ///< that stages go over
  std::int64_t channel_tiles = 0;                                ///< of a phase
  std::int64_t chunks = 0;
  int splits = 1;
  [[nodiscard]] std::int64_t stages() const { return taps * chunks; }
};
/// For a GPU of so many multiprocessors: splits alone depend on it.
[[nodiscard]] DirectTiling direct_tiling(const Lowered& operation, int multiprocessors);

/// The kernel as blocks read it, in the input's type: phases, in each tiles of output channels, in each the stages, in
/// each chunk x k x k x channels of the tile. Zeros beyond the last channels. Whether tiles are of 16 channels or of 32
/// follows from the planes too where outputs leave half of 32 empty: there both kernels are packed, so that a layer's
/// form is one, unless input channels are no multiple of the tiles' chunks (4 to 16).
[[nodiscard]] std::int64_t direct_kernel_bytes(const Lowered& operation);
[[nodiscard]] std::int64_t direct_kernel_offset(const Lowered& operation);  ///< bytes to the operation's own
[[nodiscard]] std::string direct_kernel_form(const Lowered& operation);     ///< equal where all lie alike

/// Into zeros.
void pack_direct_kernel(const Lowered& operation, std::span<const float> kernel, const KernelStrides& strides,
                        std::byte* to);

/// Bytes of the parts of sums: 0 where there is one part.
[[nodiscard]] std::int64_t direct_workspace_bytes(const Lowered& operation, const DirectTiling& tiling);

/// Multiply-accumulates of whole tiles, in units of the fp32 rate.
[[nodiscard]] double direct_cost(const Lowered& operation);

void convolve(const Lowered& operation, const DirectTiling& tiling, const ConvolutionOperands<float>& operands,
              cudaStream_t stream);
void convolve(const Lowered& operation, const DirectTiling& tiling, const ConvolutionOperands<__half>& operands,
              cudaStream_t stream);

}  // namespace pleura::kernels::cuda
