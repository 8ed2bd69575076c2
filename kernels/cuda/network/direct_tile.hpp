#pragma once
/// What a block of the direct convolution computes.

namespace pleura::kernels::cuda {

/// A thread owns 8 positions along W and `outputs` channels of each, in registers. Threads lie channels first, then
/// runs of 8 positions, rows, planes. A stage brings `chunk` input channels under the block's positions to shared
/// memory, with the kernel of these channels and the block's outputs; inside a stage the thread goes over chunk x k
/// rows of a k x k kernel. With k = 1 stages also go over the taps, so that any kernel and stride will do.
template <int kernel_width, int thread_outputs, int output_groups, int block_planes, int block_rows, int block_runs,
          int stage_channels>
struct DirectTile {
  static constexpr int k = kernel_width, outputs = thread_outputs, groups = output_groups, planes = block_planes,
                       rows = block_rows, runs = block_runs, chunk = stage_channels;
  static constexpr int run = 8, threads = groups * runs * rows * planes;
  static constexpr int channels = outputs * groups, width = run * runs;
  /// Of the input in shared memory; lines are whole vectors of 4.
  static constexpr int input_rows = rows + k - 1, line = width + (k > 1 ? 4 : 0);
  static constexpr int input_positions = planes * input_rows * line;
  /// With as many beyond the tile as give each thread the same number, so that it has none to leave out.
  static constexpr int staged_positions = (input_positions + threads - 1) / threads * threads;
  static constexpr int taps = k * k;
  /// Of the kernel, so that a loop's body is at most 576 FFMA, which the cache of instructions holds.
  static constexpr int unrolled_rows = k * k * run * outputs <= 576 ? k : 1;
};

/// The tiles by what they are best at.
enum class DirectShape { wide, square, small_planes, few_outputs };

template <DirectShape shape, int k>
struct DirectTileOf;
template <int k>
struct DirectTileOf<DirectShape::wide, k> {
  using type = DirectTile<k, 8, 2, 1, 16, 4, k == 1 ? 8 : 4>;
};
template <int k>
struct DirectTileOf<DirectShape::square, k> {
  using type = DirectTile<k, 8, 4, 1, 16, 2, k == 1 ? 16 : k == 3 ? 8 : 4>;
};
template <int k>
struct DirectTileOf<DirectShape::small_planes, k> {
  using type = DirectTile<k, 8, 4, 4, 8, 1, k == 1 ? 16 : 4>;
};
template <int k>
struct DirectTileOf<DirectShape::few_outputs, k> {
  using type = DirectTile<k, 2, 1, 1, 32, 4, k == 1 ? 8 : 4>;
};

}  // namespace pleura::kernels::cuda
