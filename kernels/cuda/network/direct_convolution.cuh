#pragma once
// The direct convolution. Arithmetic, for k = 5 and 8 outputs a thread: 320 FFMA on 3 + 10 loads of 128 bits from
// shared memory, 96 % of the instructions; k = 3: 192 on 3 + 6; k = 1: 64 on 2 + 2. While a block waits for its next
// stage, the three others on its multiprocessor compute: 128 registers and at most 24 KiB of shared memory let four
// reside.
//
// Shared memory without bank conflicts: eight neighbouring threads read kernels 32 bytes apart and inputs of one or two
// rows, and rows are 4 or 12 banks apart; neighbouring threads write neighbouring positions.
#include <cstring>

#include "kernels/cuda/network/direct_convolution.hpp"
#include "kernels/cuda/network/direct_tile.hpp"
#include "kernels/cuda/network/epilogue.cuh"

namespace pleura::kernels::cuda {

/// Pointers and sizes of one launch.
struct DirectArguments {
  const void* input;
  const void* kernel;
  float* parts;              ///< splits x voxels x outputs, where the stages are split; else nullptr
  std::int64_t input_plane;  ///< elements, below 2^31
  std::int64_t voxels;       ///< of the output
  int input_pitch, channels;
  int chunks, stages, splits;
  Int3 size, grid, taps, stride, pad, phases;  ///< size: of the input; taps: that stages go over
  int plane_tiles, row_tiles, run_tiles, channel_tiles;
  bool input_vectors;
  OutputArguments output;
};

/// Where a block works.
struct DirectBlock {
  int n, z, y, x;      ///< first position
  int phase, channel;  ///< first output channel
  int tile, split;     ///< of the packed kernel
};

/// What lies outside a volume.
static __device__ uint4 zeros;

/// Four neighbours as they lie in memory: from there to shared memory they take no more registers than bits.
template <class Element>
struct Four {
  unsigned words[sizeof(Element)];
};

/// From memory that no kernel writes meanwhile, aligned to all of them.
__device__ inline Four<float> load_four(const float* from) {
  const uint4 four = __ldg(reinterpret_cast<const uint4*>(from));
  return {{four.x, four.y, four.z, four.w}};
}

__device__ inline Four<__half> load_four(const __half* from) {
  const uint2 four = __ldg(reinterpret_cast<const uint2*>(from));
  return {{four.x, four.y}};
}

template <class Element>
__device__ inline float4 to_floats(const Four<Element>& four) {
  Element values[4];
  std::memcpy(values, &four, sizeof(values));
  return make_float4(to_float(values[0]), to_float(values[1]), to_float(values[2]), to_float(values[3]));
}

template <class T>
__device__ DirectBlock block_of(const DirectArguments& a) {
  int rest = static_cast<int>(blockIdx.x);
  const auto take = [&](int count) {
    const int index = rest % count;
    rest /= count;
    return index;
  };
  DirectBlock b;
  b.split = take(a.splits);
  b.tile = take(a.channel_tiles * a.phases.d * a.phases.h * a.phases.w);
  b.phase = b.tile / a.channel_tiles;
  b.channel = b.tile % a.channel_tiles * T::channels;
  b.x = take(a.run_tiles) * T::width;
  b.y = take(a.row_tiles) * T::rows;
  b.z = take(a.plane_tiles) * T::planes;
  b.n = rest;
  return b;
}

/// Split s does stages [first_stage(s), first_stage(s + 1)).
__device__ inline int first_stage(const DirectArguments& a, int split) {
  return static_cast<int>(static_cast<std::int64_t>(split) * a.stages / a.splits);
}

/// What a stage brings: taps outside, chunks of channels inside.
struct DirectCursor {
  Int3 tap;   ///< less the padding
  int first;  ///< input channel
};

template <class T>
__device__ DirectCursor cursor_of(const DirectArguments& a, int stage) {
  const int tap = stage / a.chunks;
  return {{tap / (a.taps.h * a.taps.w) - a.pad.d, tap / a.taps.w % a.taps.h - a.pad.h, tap % a.taps.w - a.pad.w},
          stage % a.chunks * T::chunk};
}

template <class T>
__device__ void advance(DirectCursor& cursor, const DirectArguments& a) {
  cursor.first += T::chunk;
  if (cursor.first < a.channels) return;
  cursor.first = 0;
  if (++cursor.tap.w < a.taps.w - a.pad.w) return;
  cursor.tap.w = -a.pad.w;
  if (++cursor.tap.h < a.taps.h - a.pad.h) return;
  cursor.tap.h = -a.pad.h;
  ++cursor.tap.d;
}

/// A position of the input tile and its voxel, shifted by a tap.
template <class T>
struct StagedPosition {
  int index, row, column;

  __device__ StagedPosition() : index(static_cast<int>(threadIdx.x)), row(index / T::line), column(index % T::line) {}

  /// The thread's next.
  __device__ void advance() {
    index += T::threads;
    row += T::threads / T::line;
    column += T::threads % T::line;
    if (column >= T::line) column -= T::line, ++row;
  }

  [[nodiscard]] __device__ bool in_tile() const {
    return T::staged_positions == T::input_positions || index < T::input_positions;
  }

  /// The cursor's channels of the voxel, or nullptr outside the volume.
  template <class Element>
  [[nodiscard]] __device__ const Element* voxel(const DirectArguments& a, const DirectBlock& b,
                                                const DirectCursor& cursor) const {
    const auto along = [](int begin, int offset, int stride, int tap) {
      return T::k == 1 ? (begin + offset) * stride + tap : begin + offset + tap;
    };
    const auto inside = [](int at, int size) {
      return static_cast<int>(static_cast<unsigned>(at) < static_cast<unsigned>(size));
    };
    const int z = along(b.z, T::planes == 1 ? 0 : row / T::input_rows, a.stride.d, cursor.tap.d);
    const int y = along(b.y, T::planes == 1 ? row : row % T::input_rows, a.stride.h, cursor.tap.h);
    const int x = along(b.x, column, a.stride.w, cursor.tap.w);
    const std::int64_t at = (static_cast<std::int64_t>(b.n) * a.size.d + z) * a.input_plane +
                            (y * a.size.w + x) * a.input_pitch + cursor.first;
    return (inside(z, a.size.d) & inside(y, a.size.h) & inside(x, a.size.w)) != 0
               ? static_cast<const Element*>(a.input) + at
               : nullptr;
  }
};

/// The cursor's channels under the block's positions; zeros outside the volume and beyond the last channel. All loads
/// are on their way before the first is waited for, hence without branches: what is outside loads zeros.
template <class Element, class T>
__device__ __forceinline__ void stage_vectors(float (&to)[T::chunk][T::staged_positions], const DirectArguments& a,
                                              const DirectBlock& b, const DirectCursor& cursor) {
  constexpr int rounds = T::staged_positions / T::threads, vectors = T::chunk / 4;
  Four<Element> values[rounds][vectors];
  StagedPosition<T> position;
#pragma unroll
  for (int round = 0; round < rounds; ++round, position.advance()) {
    const Element* const voxel = position.template voxel<Element>(a, b, cursor);
#pragma unroll
    for (int v = 0; v < vectors; ++v) {
      const bool valid = voxel != nullptr && cursor.first + 4 * v < a.channels && position.in_tile();
      values[round][v] = load_four(valid ? voxel + 4 * v : reinterpret_cast<const Element*>(&zeros));
    }
  }
  position = {};
#pragma unroll
  for (int round = 0; round < rounds; ++round, position.advance())
#pragma unroll
    for (int v = 0; v < vectors; ++v) {
      const float4 four = to_floats<Element>(values[round][v]);
      to[4 * v][position.index] = four.x;
      to[4 * v + 1][position.index] = four.y;
      to[4 * v + 2][position.index] = four.z;
      to[4 * v + 3][position.index] = four.w;
    }
}

/// The same, where channels or pitch are no multiple of four.
template <class Element, class T>
__device__ __forceinline__ void stage_elements(float (&to)[T::chunk][T::staged_positions], const DirectArguments& a,
                                               const DirectBlock& b, const DirectCursor& cursor) {
#pragma unroll 1
  for (StagedPosition<T> position; T::input_positions > position.index; position.advance()) {
    const Element* const voxel = position.template voxel<Element>(a, b, cursor);
#pragma unroll
    for (int c = 0; c < T::chunk; ++c)
      to[c][position.index] = voxel != nullptr && cursor.first + c < a.channels ? to_float(voxel[c]) : 0;
  }
}

/// The stage's part of the packed kernel, as it lies in memory.
template <class Element, int size, int threads>
__device__ __forceinline__ void stage_kernel(float (&to)[size], const Element* from) {
  constexpr int rounds = (size + 4 * threads - 1) / (4 * threads);
  Four<Element> values[rounds];
#pragma unroll
  for (int round = 0; round < rounds; ++round) {
    const int at = 4 * (static_cast<int>(threadIdx.x) + round * threads);
    values[round] = load_four(from + (round + 1 < rounds || at < size ? at : 0));
  }
#pragma unroll
  for (int round = 0; round < rounds; ++round) {
    const int at = 4 * (static_cast<int>(threadIdx.x) + round * threads);
    if (round + 1 < rounds || at < size) *reinterpret_cast<float4*>(to + at) = to_floats<Element>(values[round]);
  }
}

/// One row of the kernel, one channel: `input` is the thread's first position, `kernel` its first output.
template <class T>
__device__ __forceinline__ void accumulate(float (&sums)[T::run][T::outputs], const float* input, const float* kernel) {
  constexpr int reach = (T::run + T::k - 1 + 3) / 4 * 4;
  float in[reach];
#pragma unroll
  for (int i = 0; i < reach; i += 4) {
    const float4 four = *reinterpret_cast<const float4*>(input + i);
    in[i] = four.x, in[i + 1] = four.y, in[i + 2] = four.z, in[i + 3] = four.w;
  }
#pragma unroll
  for (int tap = 0; tap < T::k; ++tap) {
    float out[T::outputs];
    load(kernel + tap * T::channels, out);
#pragma unroll
    for (int i = 0; i < T::run; ++i)
#pragma unroll
      for (int o = 0; o < T::outputs; ++o) sums[i][o] = fmaf(in[i + tap], out[o], sums[i][o]);
  }
}

/// Element: of input, residuals and kernel.
template <class Element, class T>
__global__ void __launch_bounds__(T::threads, 4) direct_convolution_kernel(const DirectArguments a) {
  __shared__ __align__(16) float input[T::chunk][T::staged_positions];
  __shared__ __align__(16) float kernel[T::chunk * T::taps * T::channels];
  // In shared memory, for they would take registers from the sums.
  __shared__ DirectBlock block;
  __shared__ DirectCursor cursor;
  const int thread = static_cast<int>(threadIdx.x);
  if (thread == 0) {
    block = block_of<T>(a);
    cursor = cursor_of<T>(a, first_stage(a, block.split));
  }
  __syncthreads();
  const int group = thread % T::groups * T::outputs, run = thread / T::groups % T::runs * T::run;
  const int row = thread / (T::groups * T::runs) % T::rows, plane = thread / (T::groups * T::runs * T::rows);
  const int corner = (plane * T::input_rows + row) * T::line + run;
  constexpr int kernel_size = T::chunk * T::taps * T::channels;
  const int begin = first_stage(a, block.split);
  int left = first_stage(a, block.split + 1) - begin;
  const Element* packed =
      static_cast<const Element*>(a.kernel) + (static_cast<std::int64_t>(block.tile) * a.stages + begin) * kernel_size;

  float sums[T::run][T::outputs] = {};
  for (; left > 0; --left, packed += kernel_size) {
    stage_kernel<Element, kernel_size, T::threads>(kernel, packed);
    if (a.input_vectors)
      stage_vectors<Element, T>(input, a, block, cursor);
    else
      stage_elements<Element, T>(input, a, block, cursor);
    const int channels = a.channels - cursor.first < T::chunk ? a.channels - cursor.first : T::chunk;
    __syncthreads();
    if (thread == 0) advance<T>(cursor, a);
    if constexpr (T::k == 1) {
#pragma unroll 4
      for (int c = 0; c < T::chunk; ++c) accumulate<T>(sums, &input[c][corner], kernel + c * T::channels + group);
    } else {
#pragma unroll 1
      for (int c = 0; c < channels; ++c) {
#pragma unroll T::unrolled_rows
        for (int y = 0; y < T::k; ++y)
          accumulate<T>(sums, &input[c][corner + y * T::line], kernel + (c * T::k + y) * T::k * T::channels + group);
      }
    }
    __syncthreads();
  }

  const DirectBlock& b = block;
  const int z = b.z + plane, y = b.y + row, channel = b.channel + group;
  if (z >= a.grid.d || y >= a.grid.h || channel >= a.output.channels) return;
  const Int3 phase{b.phase / (a.phases.h * a.phases.w), b.phase / a.phases.w % a.phases.h, b.phase % a.phases.w};
  const std::int64_t line =
      (static_cast<std::int64_t>(b.n) * a.grid.d * a.phases.d + z * a.phases.d + phase.d) * a.grid.h * a.phases.h +
      y * a.phases.h + phase.h;
  // Rolled, the sums moving up, so that the epilogue's code stands here once.
#pragma unroll 1
  for (int x = b.x + run; x < b.x + run + T::run && x < a.grid.w; ++x) {
    float values[T::outputs];
#pragma unroll
    for (int o = 0; o < T::outputs; ++o) values[o] = sums[0][o];
#pragma unroll
    for (int i = 1; i < T::run; ++i)
#pragma unroll
      for (int o = 0; o < T::outputs; ++o) sums[i - 1][o] = sums[i][o];
    const std::int64_t voxel = (line * a.grid.w + x) * a.phases.w + phase.w;
    if (a.parts)
      store_channels(a.parts + (b.split * a.voxels + voxel) * a.output.channels + channel, values,
                     a.output.channels - channel < T::outputs ? a.output.channels - channel : T::outputs, false);
    else
      write_outputs<Element>(a.output, values, voxel, channel);
  }
}

/// Adds the parts of each output in their order; a thread for each four outputs of a voxel.
template <class Element>
__global__ void add_parts_kernel(const DirectArguments a) {
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  const int groups = (a.output.channels + 3) / 4;
  const std::int64_t voxel = i / groups;
  if (voxel >= a.voxels) return;
  const int channel = static_cast<int>(i % groups) * 4;
  float sums[4] = {};
  for (int split = 0; split < a.splits; ++split) {
    const float* const part = a.parts + (split * a.voxels + voxel) * a.output.channels + channel;
#pragma unroll
    for (int o = 0; o < 4; ++o)
      if (channel + o < a.output.channels) sums[o] += part[o];
  }
  write_outputs<Element>(a.output, sums, voxel, channel);
}

}  // namespace pleura::kernels::cuda
