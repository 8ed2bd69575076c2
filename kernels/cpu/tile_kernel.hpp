#pragma once
/// The tile kernel, for inclusion in one source file per instruction set: everything here has internal linkage, and
/// nothing of the standard library is instantiated, so that no code built for one processor is linked into another's.
#include <cstring>
#include <utility>

#include "kernels/cpu/tile.hpp"

// Loops over registers are unrolled, but not under a sanitizer: each access would be a check and the compiler would
// take minutes for each instruction set.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PLEURA_UNROLL
#else
#define PLEURA_UNROLL _Pragma("GCC unroll 32")
#endif

namespace pleura::kernels::cpu {
namespace {

template <class Element, int lanes>
struct VectorOf {
  using type [[gnu::vector_size(sizeof(Element) * lanes), gnu::aligned(sizeof(Element)), gnu::may_alias]] = Element;
};
template <int lanes>
using Floats = typename VectorOf<float, lanes>::type;
template <int lanes>
using Ints = typename VectorOf<std::int32_t, lanes>::type;
template <int lanes>
using Words = typename VectorOf<std::uint32_t, lanes>::type;
template <int lanes>
using Halves = typename VectorOf<std::uint16_t, lanes>::type;

using UnalignedFloat [[gnu::aligned(2), gnu::may_alias]] = float;

template <class V>
V load(const void* from) {
#ifdef __clang__  // which forgets the alignment of a typedef that is a template argument, and would read aligned
  V values;
  std::memcpy(&values, from, sizeof values);
  return values;
#else
  return *static_cast<const V*>(from);
#endif
}

template <class V>
void store(void* to, V values) {
#ifdef __clang__
  std::memcpy(to, &values, sizeof values);
#else
  *static_cast<V*>(to) = values;
#endif
}

template <int lanes>
Floats<lanes> from_bf16(Halves<lanes> bits) {
  return reinterpret_cast<Floats<lanes>>(__builtin_convertvector(bits, Words<lanes>) << 16);
}

/// Round to nearest even; NaN stays NaN.
template <int lanes>
Halves<lanes> to_bf16(Floats<lanes> values) {
  const auto bits = reinterpret_cast<Words<lanes>>(values);
  const Words<lanes> rounded = (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16;
  const Words<lanes> nan = bits >> 16 | 0x40u;
  return __builtin_convertvector((bits & 0x7fffffffu) > 0x7f800000u ? nan : rounded, Halves<lanes>);
}

/// acc + weight * the float at x, in all lanes.
struct Fp32 {
  template <int lanes>
  static Floats<lanes> multiply_add(Floats<lanes> acc, Floats<lanes> weight, const char* x) {
    return acc + weight * load<UnalignedFloat>(x);
  }

  /// acc + weight * the floats at x, lane by lane.
  template <int lanes>
  static Floats<lanes> multiply_add_lanes(Floats<lanes> acc, Floats<lanes> weight, const char* x) {
    return acc + weight * load<Floats<lanes>>(x);
  }

  template <int lanes>
  static Halves<lanes> round(Floats<lanes> values) {
    return to_bf16<lanes>(values);
  }
};

inline float load_float(const char* from, bool bf16) {
  if (!bf16) return load<UnalignedFloat>(from);
  return from_bf16<4>(Halves<4>{} + load<std::uint16_t>(from))[0];
}

/// The first `count` lanes, the rest 0.
template <int lanes>
Floats<lanes> load_floats(const char* from, bool bf16, int count) {
  if (count >= lanes) return bf16 ? from_bf16<lanes>(load<Halves<lanes>>(from)) : load<Floats<lanes>>(from);
  if (bf16) {
    Halves<lanes> bits{};
    std::memcpy(&bits, from, sizeof(std::uint16_t) * count);
    return from_bf16<lanes>(bits);
  }
  Floats<lanes> values{};
  std::memcpy(&values, from, sizeof(float) * count);
  return values;
}

template <int lanes>
void store_floats(char* to, bool bf16, int count, Floats<lanes> values) {
  if (bf16) {
    const auto bits = to_bf16<lanes>(values);
    std::memcpy(to, &bits, sizeof(std::uint16_t) * (count < lanes ? count : lanes));
  } else if (count < lanes) {
    std::memcpy(to, &values, sizeof(float) * count);
  } else {
    store(to, values);
  }
}

/// exp(x) - 1 for x <= 0, within 2 ulp of exp(x): 2^n * (exp(r) - 1) + (2^n - 1), |r| <= ln(2) / 2.
template <int lanes>
Floats<lanes> expm1_of_negative(Floats<lanes> x) {
  using F = Floats<lanes>;
  const F low = F{} - 88.0f;
  x = x < low ? low : x;
  const F shift = F{} + 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer
  const F n = (x * 1.44269504f + shift) - shift;
  const F r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  F p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r;
  const auto exponent = __builtin_convertvector(n, Ints<lanes>) + 127;
  const F scale = reinterpret_cast<F>(exponent << 23);
  return scale * p + (scale - 1.0f);
}

template <int lanes>
Floats<lanes> activate(Activation activation, Floats<lanes> x, Floats<lanes> slopes) {
  const Floats<lanes> zero{};
  switch (activation) {
    case Activation::relu:
      return x < zero ? zero : x;
    case Activation::prelu:
      return x > zero ? x : slopes * x;
    case Activation::elu:
      return x > zero ? x : expm1_of_negative<lanes>(x);
    default:
      return x;
  }
}

/// Channels fill whole vectors and no stage needs an exponential.
inline bool simple_epilogue(const Tile& tile, int block) {
  return tile.channels == block && tile.stages[0].activation != Activation::elu &&
         tile.stages[1].activation != Activation::elu;
}

/// Both stages of the epilogue and the store of one vector of channels, for all voxels of a tile.
template <int lanes>
[[gnu::noinline]] void finish(const Tile& tile, const float* sums, std::int64_t stride, int width, std::int64_t first) {
  using F = Floats<lanes>;
  const int count = tile.channels - static_cast<int>(first);
  if (count <= 0) return;
  F slopes[2] = {};
  for (int s = 0; s < 2; ++s)
    if (tile.stages[s].slopes != nullptr)
      slopes[s] = load_floats<lanes>(reinterpret_cast<const char*>(tile.stages[s].slopes + first), false, count);
  char* output = tile.output + first * (tile.output_bf16 ? 2 : 4);
  for (int i = 0; i < width; ++i, output += tile.output_step) {
    F value = load<F>(sums + i * stride);
    for (int s = 0; s < 2; ++s) {
      const TileStage& stage = tile.stages[s];
      if (stage.residual != nullptr) {
        const char* at = stage.residual + i * stage.step;
        value += stage.broadcast ? F{} + load_float(at, stage.bf16)
                                 : load_floats<lanes>(at + first * (stage.bf16 ? 2 : 4), stage.bf16, count);
      }
      value = activate<lanes>(stage.activation, value, slopes[s]);
    }
    store_floats<lanes>(output, tile.output_bf16, count, value);
  }
}

/// body(voxel, vector) for each of a tile's sums, unrolled, so that they stay in registers.
template <int width, int vectors, class Body>
[[gnu::always_inline]] inline void each(const Body& body) {
  PLEURA_UNROLL
  for (int i = 0; i < width; ++i) {
    PLEURA_UNROLL
    for (int o = 0; o < vectors; ++o) body(i, o);
  }
}

/// `width` voxels x `vectors` vectors of channels, all in registers while the taps go by and, where channels fill whole
/// vectors, through the epilogue.
template <class Arithmetic, int lanes, int vectors, int width>
void run_tile(const Tile& tile) {
  using F = Floats<lanes>;
  constexpr int block = vectors * lanes;
  F acc[width][vectors] = {};
  const std::int64_t step = tile.step;
  // Voxel i is addressed as pointer i / 3 plus 0, 1 or 2 steps, which the processor adds for free.
  constexpr int pointers = (width + 2) / 3;
  const auto multiply_add = [&](const char* const* at, const char* weights, int unit) __attribute__((always_inline)) {
    F weight[vectors];
    PLEURA_UNROLL
    for (int o = 0; o < vectors; ++o) weight[o] = load<F>(weights + (unit * vectors + o) * sizeof(F));
    each<width, vectors>([&](int i, int o) {
      acc[i][o] = Arithmetic::template multiply_add<lanes>(acc[i][o], weight[o], at[i / 3] + (i % 3) * step + unit * 4);
    });
  };
  const auto advance = [&](const char** at, int units) __attribute__((always_inline)) {
    PLEURA_UNROLL
    for (int j = 0; j < pointers; ++j) {
      at[j] += units * 4;
      asm("" : "+r"(at[j]));  // keeps one register a pointer, where GCC would else recompute them from one
    }
  };
  for (int kd = 0; kd < tile.taps[0]; ++kd)
    for (int kh = 0; kh < tile.taps[1]; ++kh) {
      const char* weights = tile.weights + kd * tile.weight_bytes[0] + kh * tile.weight_bytes[1];
      const char* input = tile.input + kd * tile.tap_bytes[0] + kh * tile.tap_bytes[1];
      for (int kw = 0; kw < tile.taps[2]; ++kw, input += tile.tap_bytes[2]) {
        const char* at[pointers];
        PLEURA_UNROLL
        for (int j = 0; j < pointers; ++j) at[j] = input + 3 * j * step;
        int units = tile.units;
        advance(at, 0);
        for (; units >= 4; units -= 4, weights += 4 * block * 4) {
          multiply_add(at, weights, 0);
          multiply_add(at, weights, 1);
          multiply_add(at, weights, 2);
          multiply_add(at, weights, 3);
          advance(at, 4);
        }
        for (; units > 0; --units, weights += block * 4) {
          multiply_add(at, weights, 0);
          advance(at, 1);
        }
      }
    }

  // Added last: each part of a long reduction is rounded at its own size, not at that of all before it.
  if (tile.bias != nullptr)
    each<width, vectors>([&](int i, int o) { acc[i][o] += load<F>(tile.bias + o * lanes); });
  else
    each<width, vectors>([&](int i, int o) { acc[i][o] += load<F>(tile.partial + i * block + o * lanes); });
  if (tile.output == nullptr) {
    each<width, vectors>([&](int i, int o) { store(tile.partial + i * block + o * lanes, acc[i][o]); });
    return;
  }
  if (!simple_epilogue(tile, block)) {
    float sums[width * block];
    each<width, vectors>([&](int i, int o) { store(sums + i * block + o * lanes, acc[i][o]); });
    for (int o = 0; o < vectors; ++o) finish<lanes>(tile, sums + o * lanes, block, width, o * lanes);
    return;
  }
  for (const TileStage& stage : tile.stages) {
    if (stage.residual != nullptr) {
      const char* at = stage.residual;
      if (stage.broadcast) {
        float values[width];
        for (int i = 0; i < width; ++i) values[i] = load_float(at + i * stage.step, stage.bf16);
        each<width, vectors>([&](int i, int o) { acc[i][o] += values[i]; });
      } else if (stage.bf16) {
        each<width, vectors>([&](int i, int o) {
          acc[i][o] += from_bf16<lanes>(load<Halves<lanes>>(at + i * stage.step + o * lanes * 2));
        });
      } else {
        each<width, vectors>([&](int i, int o) { acc[i][o] += load<F>(at + i * stage.step + o * lanes * 4); });
      }
    }
    if (stage.activation == Activation::relu) {
      each<width, vectors>([&](int i, int o) { acc[i][o] = acc[i][o] < F{} ? F{} : acc[i][o]; });
    } else if (stage.activation == Activation::prelu) {
      F slopes[vectors];
      PLEURA_UNROLL
      for (int o = 0; o < vectors; ++o) slopes[o] = load<F>(stage.slopes + o * lanes);
      each<width, vectors>([&](int i, int o) { acc[i][o] = acc[i][o] > F{} ? acc[i][o] : slopes[o] * acc[i][o]; });
    }
  }
  char* output = tile.output;
  if (tile.output_bf16)
    each<width, vectors>([&](int i, int o) {
      store(output + i * tile.output_step + o * lanes * 2, Arithmetic::template round<lanes>(acc[i][o]));
    });
  else
    each<width, vectors>([&](int i, int o) { store(output + i * tile.output_step + o * lanes * 4, acc[i][o]); });
}

/// `width` voxels x `channels` sums whose lanes run along the input's units.
template <class Arithmetic, int lanes, int channels, int width>
void run_tile_along_units(const Tile& tile) {
  using F = Floats<lanes>;
  F acc[width][channels] = {};
  for (int kd = 0; kd < tile.taps[0]; ++kd)
    for (int kh = 0; kh < tile.taps[1]; ++kh) {
      const char* weights = tile.weights + kd * tile.weight_bytes[0] + kh * tile.weight_bytes[1];
      const char* input = tile.input + kd * tile.tap_bytes[0] + kh * tile.tap_bytes[1];
      for (int kw = 0; kw < tile.taps[2]; ++kw, input += tile.tap_bytes[2])
        for (int unit = 0; unit < tile.units; unit += lanes, weights += channels * sizeof(F))
          each<width, channels>([&](int i, int o) {
            acc[i][o] = Arithmetic::template multiply_add_lanes<lanes>(acc[i][o], load<F>(weights + o * sizeof(F)),
                                                                       input + i * tile.step + unit * 4);
          });
    }
  constexpr int whole = 4;  // of the vectors that finish the sums
  float sums[width * channels + whole] = {};
  for (int i = 0; i < width; ++i)
    for (int o = 0; o < channels; ++o) {
      float sum = tile.bias != nullptr ? tile.bias[o] : tile.partial[i * channels + o];
      for (int lane = 0; lane < lanes; ++lane) sum += acc[i][o][lane];
      sums[i * channels + o] = sum;
    }
  if (tile.output == nullptr)
    std::memcpy(tile.partial, sums, sizeof(float) * width * channels);
  else
    finish<whole>(tile, sums, channels, width, 0);
}

/// Functions of one shape; the width counts from 1.
template <int count>
struct TileTable {
  TileFunction functions[count];
  TileFunction operator()(int width) const { return functions[width - 1]; }
};

template <class Arithmetic, int lanes, int vectors, int... widths>
constexpr TileTable<sizeof...(widths)> tiles_of(std::integer_sequence<int, widths...> /*widths*/) {
  return {{run_tile<Arithmetic, lanes, vectors, widths + 1>...}};
}

template <class Arithmetic, int lanes, int vectors, int width>
constexpr auto tiles = tiles_of<Arithmetic, lanes, vectors>(std::make_integer_sequence<int, width>{});

template <class Arithmetic, int lanes, int channels, int... widths>
constexpr TileTable<sizeof...(widths)> tiles_along_units_of(std::integer_sequence<int, widths...> /*widths*/) {
  return {{run_tile_along_units<Arithmetic, lanes, channels, widths + 1>...}};
}

template <class Arithmetic, int lanes, int channels, int width>
constexpr auto tiles_along_units =
    tiles_along_units_of<Arithmetic, lanes, channels>(std::make_integer_sequence<int, width>{});

}  // namespace
}  // namespace pleura::kernels::cpu
