#pragma once
/// What the kernels on volumes of HU and bits share: sizes, words of a row, one CUDA thread for each item, what the
/// lanes of a warp have between them.
#include <cuda_runtime.h>

#include <array>
#include <cstdint>

namespace pleura::kernels::cuda {

/// The sizes of a BitVolume, as kernels take them. Its words lie in device memory as in kernels/bit_volume.hpp.
struct BitGrid {
  std::int64_t depth = 0, height = 0, width = 0, row_words = 0;

  BitGrid() = default;
  explicit BitGrid(const std::array<std::int64_t, 3>& shape)
      : depth(shape[0]), height(shape[1]), width(shape[2]), row_words((shape[2] + 63) / 64) {}
  [[nodiscard]] std::int64_t rows() const { return depth * height; }
  [[nodiscard]] std::int64_t words() const { return depth * height * row_words; }
};

/// Threads of a block of the kernels that take one item a thread.
inline constexpr unsigned voxel_threads = 256;

__device__ inline std::int64_t global_thread() {
  return static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}

/// The bits of word `word` that lie in a row of `width` voxels.
__device__ inline std::uint64_t word_mask(std::int64_t word, std::int64_t width) {
  const std::int64_t left = width - word * 64;
  return left >= 64 ? ~std::uint64_t{0} : left <= 0 ? 0 : ~std::uint64_t{0} >> (64 - left);
}

/// The bits of word `word` that lie in columns [begin, end).
__device__ inline std::uint64_t span_mask(std::int64_t word, std::int64_t begin, std::int64_t end) {
  return word_mask(word, end) & ~word_mask(word, begin);
}

__device__ inline int ones(std::uint64_t word) { return __popcll(static_cast<unsigned long long>(word)); }

/// The lowest one of a word that is not 0.
__device__ inline int lowest_one(std::uint64_t word) { return ones((word & (~word + 1)) - 1); }

/// The highest one of a word that is not 0.
__device__ inline int highest_one(std::uint64_t word) {
  const auto high = static_cast<int>(word >> 32), low = static_cast<int>(word);
  return high != 0 ? 63 - __clz(high) : 31 - __clz(low);
}

inline constexpr unsigned whole_warp = 0xffffffffU;

/// What choose(a, b) makes of the values of all lanes, for each of them.
template <class T, class Choose>
__device__ inline T across_lanes(T value, const Choose& choose) {
  for (int step = 16; step > 0; step /= 2) value = choose(value, __shfl_xor_sync(whole_warp, value, step));
  return value;
}

template <class T>
__device__ inline T most_of_lanes(T value) {
  return across_lanes(value, [](T a, T b) { return a > b ? a : b; });
}

template <class T>
__device__ inline T least_of_lanes(T value) {
  return across_lanes(value, [](T a, T b) { return a < b ? a : b; });
}

template <class T>
__device__ inline T sum_of_lanes(T value) {
  return across_lanes(value, [](T a, T b) { return a + b; });
}

/// A warp's word of a volume: bit x becomes is_one(voxel), a lane asking for two of them. Nothing where the volume has
/// fewer words than there are warps.
template <class IsOne>
__device__ inline void write_word(std::uint64_t* bits, const BitGrid& grid, const IsOne& is_one) {
  const std::int64_t word = global_thread() / 32;
  if (word >= grid.depth * grid.height * grid.row_words) return;
  const std::int64_t row = word / grid.row_words;
  const std::int64_t low = word % grid.row_words * 64 + threadIdx.x % 32, high = low + 32;
  const std::uint64_t low_half = __ballot_sync(whole_warp, low < grid.width && is_one(row * grid.width + low));
  const std::uint64_t high_half = __ballot_sync(whole_warp, high < grid.width && is_one(row * grid.width + high));
  if (threadIdx.x % 32 == 0) bits[word] = low_half | high_half << 32;
}

/// A value that other threads may be changing by atomics, as it is at some time.
template <class T>
__device__ inline T atomic_load(const T* address) {
#ifdef CUDA_EMULATOR
  return __atomic_load_n(address, __ATOMIC_RELAXED);
#else
  return *static_cast<const volatile T*>(address);
#endif
}

}  // namespace pleura::kernels::cuda
