// A block makes a tile of rows x columns. Each step of K brings 32 halves of every row and column of the tile to shared
// memory, two steps ahead on Ampere; ldmatrix and mma.sync do the rest. Arithmetic, for a tile of 128 x 128: a step of
// a warp is 32 products of 16 x 8 x 16 on 12 ldmatrix; a thread fetches 2 + 2 granules for it, with about five
// instructions each, for whether a tap lies inside the volume is one AND of a mask of the row with a mask of the tap.
//
// Four granules of a row or column lie in 64 bytes of shared memory, granule g of row r at g ^ (r / 2 % 4): any eight
// neighbouring rows' granules g then fill all 32 banks, so that ldmatrix reads and the fetches write without conflicts.
#include "kernels/cuda/launch.hpp"
#include "kernels/cuda/network/epilogue.cuh"
#include "kernels/cuda/network/implicit_gemm.hpp"
#include "kernels/cuda/network/tensor_core.cuh"
#include "pleura/error.hpp"

namespace pleura::kernels::cuda {
namespace {

struct GemmArguments {
  const __half* input;
  const __half* kernel;
  float* sums;  ///< splits x rows x columns, where K is cut; else nullptr
  std::int64_t input_pitch;
  std::int64_t kernel_step;  ///< bytes of a step of K in the packed kernel
  int rows, columns;
  int granules;  ///< input channels / 8
  int steps, splits, row_tiles, column_tiles;
  Int3 grid, size, kernel_size, stride, pad, phases;  ///< size: of the input
  OutputArguments output;
};

template <int tile_rows, int tile_columns, int warp_rows, int warp_columns>
struct Tile {
  static constexpr int rows = tile_rows, columns = tile_columns;  ///< of a block
  static constexpr int m = warp_rows / 16, n = warp_columns / 8;  ///< products of a warp
  static constexpr int row_warps = rows / warp_rows;
  static constexpr int warps = row_warps * (columns / warp_columns), threads = 32 * warps;
  /// Blocks of a multiprocessor: as many as leave a thread 128 registers, or 102 where its sums are but 32.
  static constexpr int resident = (m * n > 8 ? 512 : 640) / threads;
  static constexpr int row_bytes = 64;  ///< four granules
  static constexpr int stage_bytes = (rows + columns) * row_bytes;
  static constexpr int sums_pitch = warp_columns + 8;  ///< of 16 rows of a warp's sums, without conflicts
};

using Tile128x16 = Tile<128, 16, 32, 16>;
using Tile128x32 = Tile<128, 32, 32, 32>;
using Tile128x64 = Tile<128, 64, 64, 32>;
using Tile128x128 = Tile<128, 128, 64, 32>;
using Tile64x64 = Tile<64, 64, 32, 32>;  ///< for few rows

[[maybe_unused]] __device__ inline int granule_offset(int row, int granule) {
  return row * 64 + ((granule ^ (row / 2 % 4)) * 16);
}

/// Walks over K in steps of four granules from a granule on: which tap and input channels it is.
class TapWalker {
 public:
  __device__ TapWalker(const GemmArguments& p, int granule) : granule_(granule % p.granules) {
    const int tap = granule / p.granules;
    w_ = tap % p.kernel_size.w;
    h_ = tap / p.kernel_size.w % p.kernel_size.h;
    d_ = tap / p.kernel_size.w / p.kernel_size.h;
    update(p);
  }

  __device__ void step(const GemmArguments& p) {
    granule_ += 4;
    offset_ += 32;
    if (granule_ < p.granules) return;
    while (granule_ >= p.granules) {
      granule_ -= p.granules;
      if (++w_ < p.kernel_size.w) continue;
      w_ = 0;
      if (++h_ < p.kernel_size.h) continue;
      h_ = 0;
      ++d_;
    }
    update(p);
  }

  /// Elements from a row's first tap to here.
  __device__ int offset() const { return offset_; }

  /// One bit in each dimension; past the last tap a bit that no row has.
  __device__ std::uint32_t bits() const { return bits_; }

 private:
  __device__ void update(const GemmArguments& p) {
    offset_ = ((d_ * p.size.h + h_) * p.size.w + w_) * static_cast<int>(p.input_pitch) + granule_ * 8;
    bits_ = d_ < p.kernel_size.d ? 1U << d_ | 1U << (8 + h_) | 1U << (16 + w_) : 1U << 31;
  }

  int granule_, d_, h_, w_, offset_ = 0;
  std::uint32_t bits_ = 0;
};

/// A row's first tap and which of its taps lie in the volume, as TapWalker::bits has them.
struct Row {
  std::int64_t offset = 0;  ///< elements; below 0 where the tap lies before the volume
  std::uint32_t inside = 0;
};

__device__ inline std::uint32_t inside_of(int first, int taps, int size) {
  std::uint32_t bits = 0;
  for (int tap = 0; tap < taps; ++tap)
    if (static_cast<unsigned>(first + tap) < static_cast<unsigned>(size)) bits |= 1U << tap;
  return bits;
}

struct Position {
  int n, d, h, w;
};

__device__ inline Position position_of(const GemmArguments& p, int row) {
  Position at{};
  at.w = row % p.grid.w;
  row /= p.grid.w;
  at.h = row % p.grid.h;
  row /= p.grid.h;
  at.d = row % p.grid.d;
  at.n = row / p.grid.d;
  return at;
}

[[maybe_unused]] __device__ inline Row row_of(const GemmArguments& p, int row) {
  if (row >= p.rows) return {};
  const Position at = position_of(p, row);
  const Int3 first{at.d * p.stride.d - p.pad.d, at.h * p.stride.h - p.pad.h, at.w * p.stride.w - p.pad.w};
  const std::int64_t plane = static_cast<std::int64_t>(at.n) * p.size.d + first.d;
  return {((plane * p.size.h + first.h) * p.size.w + first.w) * p.input_pitch,
          inside_of(first.d, p.kernel_size.d, p.size.d) | inside_of(first.h, p.kernel_size.h, p.size.h) << 8 |
              inside_of(first.w, p.kernel_size.w, p.size.w) << 16};
}

/// Brings the rows' part of a stage: a thread has the same granule of several rows.
template <class Tile, TensorCores cores>
class RowFetcher {
 public:
  __device__ RowFetcher(const GemmArguments& p, int first_row, int step)
      : walker_(p, step * 4 + static_cast<int>(threadIdx.x) % 4) {
#pragma unroll
    for (int i = 0; i < count; ++i) rows_[i] = row_of(p, first_row + row_in_tile(i));
  }

  __device__ void fetch(const GemmArguments& p, unsigned char* stage) {
    const __half* from = p.input + walker_.offset();
    const std::uint32_t tap = walker_.bits();
#pragma unroll
    for (int i = 0; i < count; ++i)
      granules_[i].fetch(stage + target(i), from + rows_[i].offset, (tap & ~rows_[i].inside) == 0);
    walker_.step(p);
  }

  __device__ void store(unsigned char* stage) const {
#pragma unroll
    for (int i = 0; i < count; ++i) granules_[i].store(stage + target(i));
  }

 private:
  static constexpr int count = Tile::rows * 4 / Tile::threads;

  static __device__ int row_in_tile(int i) { return static_cast<int>(threadIdx.x) / 4 + i * (Tile::threads / 4); }
  static __device__ int target(int i) { return granule_offset(row_in_tile(i), static_cast<int>(threadIdx.x) % 4); }

  TapWalker walker_;
  Row rows_[count];
  Granule<cores> granules_[count];
};

/// Brings the columns' part of a stage, which lies in one piece among the step's columns.
template <class Tile, TensorCores cores>
class ColumnFetcher {
 public:
  __device__ ColumnFetcher(const GemmArguments& p, int column_tile, int step)
      : from_(reinterpret_cast<const unsigned char*>(p.kernel) + step * p.kernel_step +
              static_cast<std::int64_t>(column_tile) * bytes + threadIdx.x * 16) {}

  __device__ void fetch(const GemmArguments& p, unsigned char* stage) {
#pragma unroll
    for (int i = 0; i < count; ++i)
      if (has(i)) granules_[i].fetch(stage + target(i), from_ + i * Tile::threads * 16, true);
    from_ += p.kernel_step;
  }

  __device__ void store(unsigned char* stage) const {
#pragma unroll
    for (int i = 0; i < count; ++i)
      if (has(i)) granules_[i].store(stage + target(i));
  }

 private:
  static constexpr int bytes = Tile::columns * Tile::row_bytes;
  static constexpr int count = (bytes / 16 + Tile::threads - 1) / Tile::threads;

  static __device__ int index(int i) { return static_cast<int>(threadIdx.x) + i * Tile::threads; }
  static __device__ int target(int i) { return granule_offset(index(i) / 4, index(i) % 4); }
  static __device__ bool has(int i) { return index(i) * 16 < bytes; }

  const unsigned char* from_;
  Granule<cores> granules_[count];
};

/// A warp's part of a tile.
template <class Tile, TensorCores cores>
class WarpProduct {
 public:
  __device__ WarpProduct()
      : row_(static_cast<int>(threadIdx.x) / 32 % Tile::row_warps * Tile::m * 16),
        column_(static_cast<int>(threadIdx.x) / 32 / Tile::row_warps * Tile::n * 8) {}

  __device__ void add(const unsigned char* rows, const unsigned char* columns) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      std::uint32_t a[Tile::m][4], b[Tile::n / 2][4];
#pragma unroll
      for (int i = 0; i < Tile::m; ++i)
        load_matrices(a[i], rows + granule_offset(row_ + i * 16 + lane % 16, 2 * half + lane / 16));
#pragma unroll
      for (int j = 0; j < Tile::n / 2; ++j)
        load_matrices(b[j],
                      columns + granule_offset(column_ + j * 16 + lane / 16 * 8 + lane % 8, 2 * half + lane / 8 % 2));
#pragma unroll
      for (int i = 0; i < Tile::m; ++i)
#pragma unroll
        for (int j = 0; j < Tile::n; ++j) multiply_accumulate<cores>(sums_[i][j], a[i], &b[j / 2][2 * (j % 2)]);
    }
  }

  /// Hands groups of 8 columns of each row of the tile to body(row, column, sums), by way of the warp's own piece of
  /// shared memory, so that neighbouring lanes have neighbouring columns.
  template <class Body>
  __device__ void for_each(float* piece, const Body& body) const {
    const int lane = static_cast<int>(threadIdx.x) % 32;
#pragma unroll 1  // the body is long
    for (int i = 0; i < Tile::m; ++i) {
      __syncwarp();
#pragma unroll
      for (int k = 0; k < Tile::m; ++k)  // registers have no index that is known only here
        if (k == i) put(piece, sums_[k]);
      __syncwarp();
#pragma unroll 1
      for (int group = lane; group < 16 * Tile::n; group += 32) {
        const int row = group / Tile::n, column = group % Tile::n * 8;
        float values[8];
        load(piece + row * Tile::sums_pitch + column, values);
        body(row_ + i * 16 + row, column_ + column, values);
      }
    }
  }

 private:
  static __device__ void put(float* piece, const float (&sums)[Tile::n][4]) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
#pragma unroll
    for (int j = 0; j < Tile::n; ++j)
#pragma unroll
      for (int lower = 0; lower < 2; ++lower)
        *reinterpret_cast<float2*>(piece + (lane / 4 + 8 * lower) * Tile::sums_pitch + j * 8 + lane % 4 * 2) =
            make_float2(sums[j][2 * lower], sums[j][2 * lower + 1]);
  }

  int row_, column_;
  float sums_[Tile::m][Tile::n][4] = {};
};

/// From the sums of 8 columns of a row to outputs.
__device__ __forceinline__ void finish_row(const GemmArguments& p, int row, int column, float (&values)[8]) {
  if (row >= p.rows || column >= p.columns) return;
  std::int64_t voxel = row;
  int channel = column;
  if (p.phases.d * p.phases.h * p.phases.w > 1) {
    const Position at = position_of(p, row);
    const int phase = column / p.output.channels;
    channel = column % p.output.channels;
    const int d = at.d * p.phases.d + phase / (p.phases.h * p.phases.w);
    const int h = at.h * p.phases.h + phase / p.phases.w % p.phases.h;
    const int w = at.w * p.phases.w + phase % p.phases.w;
    voxel = ((static_cast<std::int64_t>(at.n) * p.grid.d * p.phases.d + d) * p.grid.h * p.phases.h + h) * p.grid.w *
                p.phases.w +
            w;
  }
  write_outputs<__half>(p.output, values, voxel, channel);
}

template <class Tile, TensorCores cores>
__global__ void __launch_bounds__(Tile::threads, Tile::resident) implicit_gemm_kernel(const GemmArguments p) {
  if constexpr (compiled_for<cores>()) {
    constexpr int ahead = cores == TensorCores::ampere ? 2 : 1, stages = ahead + 1;
    constexpr int piece = 16 * Tile::sums_pitch * 4;  // bytes of a warp's sums
    constexpr int bytes =
        stages * Tile::stage_bytes > Tile::warps * piece ? stages * Tile::stage_bytes : Tile::warps * piece;
    __shared__ alignas(128) unsigned char memory[bytes];

    const int column_tile = static_cast<int>(blockIdx.x) % p.column_tiles;
    const int row_tile = static_cast<int>(blockIdx.x) / p.column_tiles % p.row_tiles;
    const int split = static_cast<int>(blockIdx.x) / p.column_tiles / p.row_tiles;
    const int begin = static_cast<int>(static_cast<std::int64_t>(p.steps) * split / p.splits);
    const int end = static_cast<int>(static_cast<std::int64_t>(p.steps) * (split + 1) / p.splits);
    RowFetcher<Tile, cores> rows(p, row_tile * Tile::rows, begin);
    ColumnFetcher<Tile, cores> columns(p, column_tile, begin);
    unsigned char* const memory_end = memory + stages * Tile::stage_bytes;
    const auto after = [&](unsigned char* stage) {
      stage += Tile::stage_bytes;
      return stage == memory_end ? memory : stage;
    };
    const auto fetch = [&](int step, unsigned char* stage) {
      if (step < end) {
        rows.fetch(p, stage);
        columns.fetch(p, stage + Tile::rows * Tile::row_bytes);
      }
      commit_fetches<cores>();
    };
    const auto finish_fetch = [&](int step, unsigned char* stage) {
      if (step >= end) return;
      rows.store(stage);
      columns.store(stage + Tile::rows * Tile::row_bytes);
    };

    WarpProduct<Tile, cores> product;
    unsigned char *current = memory, *next = memory;  // stages of this step and of the one to be fetched
    for (int step = begin; step < begin + ahead; ++step, next = after(next)) {
      fetch(step, next);
      finish_fetch(step, next);
    }
    for (int step = begin; step < end; ++step, current = after(current), next = after(next)) {
      wait_for_fetches<cores, ahead - 1>();
      __syncthreads();  // this step's stage is there, and the one before it has been read by all
      fetch(step + ahead, next);
      product.add(current, current + Tile::rows * Tile::row_bytes);
      finish_fetch(step + ahead, next);
    }
    __syncthreads();  // the stages are done with; the warps' sums take their place

    auto* sums = reinterpret_cast<float*>(memory + threadIdx.x / 32 * piece);
    product.for_each(sums, [&](int row, int column, float(&values)[8]) {
      row += row_tile * Tile::rows;
      column += column_tile * Tile::columns;
      if (!p.sums) return finish_row(p, row, column, values);
      if (row < p.rows && column < p.columns)
        store(p.sums + (static_cast<std::int64_t>(split) * p.rows + row) * p.columns + column, values);
    });
  }
}

/// Adds the parts of K, in order. A thread has 8 columns of a row.
__global__ void add_splits_kernel(const GemmArguments p) {
  const int groups = p.columns / 8;
  const std::int64_t thread = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  const auto row = static_cast<int>(thread / groups);
  const int column = static_cast<int>(thread % groups) * 8;
  if (row >= p.rows) return;
  float values[8] = {};
  for (int split = 0; split < p.splits; ++split) {
    float part[8];
    load(p.sums + (static_cast<std::int64_t>(split) * p.rows + row) * p.columns + column, part);
    for (int i = 0; i < 8; ++i) values[i] += part[i];
  }
  finish_row(p, row, column, values);
}

template <class Tile, TensorCores cores>
void launch(const GemmArguments& p, cudaStream_t stream) {
  constexpr const char* name = "implicit_gemm_kernel";
  const std::int64_t blocks = static_cast<std::int64_t>(p.row_tiles) * p.column_tiles * p.splits;
  implicit_gemm_kernel<Tile, cores><<<blocks_for(blocks, 1, name), Tile::threads, 0, stream>>>(p);
  check_launch(name);
}

template <TensorCores cores>
void launch(const GemmTiling& tiling, const GemmArguments& p, cudaStream_t stream) {
  if (tiling.rows == 64) return launch<Tile64x64, cores>(p, stream);
  switch (tiling.columns) {
    case 16:
      return launch<Tile128x16, cores>(p, stream);
    case 32:
      return launch<Tile128x32, cores>(p, stream);
    case 64:
      return launch<Tile128x64, cores>(p, stream);
    default:
      return launch<Tile128x128, cores>(p, stream);
  }
}

}  // namespace

void multiply(const Lowered& problem, const GemmTiling& tiling, TensorCores cores,
              const ConvolutionOperands<__half>& operands, cudaStream_t stream) {
  if (reinterpret_cast<std::uintptr_t>(operands.input) % 16 != 0)
    throw Error(Status::internal, "implicit_gemm_kernel: the input is not aligned to 16 bytes");
  const auto tiles = [](std::int64_t count, int size) { return static_cast<int>((count + size - 1) / size); };
  GemmArguments p{};
  p.input = operands.input;
  p.kernel = operands.kernel;
  p.sums = tiling.splits > 1 ? operands.workspace : nullptr;
  p.input_pitch = problem.input.pitch;
  p.kernel_step = packed_kernel_bytes(problem) / steps_of(problem);
  p.rows = static_cast<int>(problem.positions());
  p.columns = static_cast<int>(columns_of(problem));
  p.granules = static_cast<int>(problem.input.shape.c / 8);
  p.steps = static_cast<int>(steps_of(problem));
  p.splits = tiling.splits;
  p.row_tiles = tiles(problem.positions(), tiling.rows);
  p.column_tiles = tiles(columns_of(problem), tiling.columns);
  p.grid = int3_of(problem.grid);
  p.size = int3_of({problem.input.shape.d, problem.input.shape.h, problem.input.shape.w});
  p.kernel_size = int3_of(problem.kernel);
  p.stride = int3_of(problem.stride);
  p.pad = int3_of(problem.pad);
  p.phases = int3_of(problem.phases);
  p.output = output_of(problem, operands, 8);
  if (cores == TensorCores::ampere)
    launch<TensorCores::ampere>(tiling, p, stream);
  else
    launch<TensorCores::turing>(tiling, p, stream);
  if (tiling.splits == 1) return;
  constexpr unsigned threads = 128;
  add_splits_kernel<<<blocks_for(problem.positions() * (columns_of(problem) / 8), threads, "add_splits_kernel"),
                      threads, 0, stream>>>(p);
  check_launch("add_splits_kernel");
}

bool can_run(TensorCores cores) {
#ifdef CUDA_EMULATOR
  return cores == TensorCores::turing || cores == TensorCores::ampere;
#else
  cudaFuncAttributes attributes{};
  const cudaError_t error =
      cores == TensorCores::ampere
          ? cudaFuncGetAttributes(&attributes, implicit_gemm_kernel<Tile64x64, TensorCores::ampere>)
          : cudaFuncGetAttributes(&attributes, implicit_gemm_kernel<Tile64x64, TensorCores::turing>);
  if (error != cudaSuccess) {
    static_cast<void>(cudaGetLastError());  // no device, or none that this build has code for: said by who opens it
    return false;
  }
  const int compiled = attributes.ptxVersion;  // the architecture this code was compiled for, 75 or 90
  return cores == TensorCores::ampere ? compiled >= 80 : compiled == 75;
#endif
}

}  // namespace pleura::kernels::cuda
