#pragma once
/// Convolutions and deconvolutions as a matrix product on tensor cores: fp16 in, sums in fp32.
///
/// A row is a position of the grid: an output voxel of a convolution, an input voxel of a deconvolution. A column is an
/// output channel, of a deconvolution in each of its stride^3 phases, phase by phase. The depth K goes over the
/// kernel's taps and, inside, the input channels, in granules of 8 channels: 16 bytes, gathered from the volume as they
/// are needed (implicit GEMM), so that nothing is laid out in memory before.
///
/// Each column sums K from its start to its end in steps of 32, whatever the tile, so that a voxel's bits do not depend
/// on the batch or the slab. Where a plane is so small that tiles would leave most of a GPU idle, K is cut into
/// `splits` parts, each part's sums are kept in fp32 and a second kernel adds them in order: never atomically. The
/// number of parts depends on plane, channels and kernel alone, for the same reason.
#include <cuda_fp16.h>
#include <cuda_runtime_api.h>

#include <memory>
#include <span>

#include "kernels/cuda/network/convolution_arguments.hpp"
#include "kernels/cuda/network/tensor_cores.hpp"

namespace pleura::kernels::cuda {

/// True where the kernels can do it: f16 in whole granules of 8 channels, kernels up to 8 wide, a deconvolution's
/// outputs in granules of 8 too.
[[nodiscard]] bool fits_implicit_gemm(const Lowered& problem);

/// Steps of K, of 32 halves.
[[nodiscard]] std::int64_t steps_of(const Lowered& problem);
[[nodiscard]] std::int64_t columns_of(const Lowered& problem);

/// Rows and columns of a block's tile (128 x 16, 32, 64 or 128, or 64 x 64), and parts of K.
struct GemmTiling {
  int rows = 0, columns = 0, splits = 1;
  bool operator==(const GemmTiling&) const = default;
};
/// For a GPU of so many multiprocessors.
[[nodiscard]] GemmTiling tiling_of(const Lowered& problem, int multiprocessors);

/// The kernel in fp16 as blocks read it, the same for all tiles: steps of K, in each the columns, in each 32 halves.
/// Zeros beyond the last tap and beyond the last column, up to whole tiles of each kind.
[[nodiscard]] std::int64_t packed_kernel_bytes(const Lowered& problem);

/// Into zeros.
void pack_kernel(const Lowered& problem, std::span<const float> kernel, const KernelStrides& strides, std::byte* to);

/// Bytes of the sums of all parts; 0 where K is not cut.
[[nodiscard]] std::int64_t workspace_bytes(const Lowered& problem, const GemmTiling& tiling);

/// True where the current device is of that generation and this build has code for it.
[[nodiscard]] bool can_run(TensorCores cores);

/// Throws Error(internal) where the input is not aligned to 16 bytes.
void multiply(const Lowered& problem, const GemmTiling& tiling, TensorCores cores,
              const ConvolutionOperands<__half>& operands, cudaStream_t stream);

[[nodiscard]] std::unique_ptr<WeightedStep> make_implicit_gemm(const Lowered& problem, const GemmTiling& tiling,
                                                               TensorCores cores, const KernelStrides& strides);

}  // namespace pleura::kernels::cuda
