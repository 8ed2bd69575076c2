#pragma once
/// The innermost kernel of our own convolutions: a register tile of neighbouring output voxels along w times a block of
/// output channels. It is written once, in tile_kernel.hpp, and built for each instruction set.
#include <cstdint>

#include "kernels/cpu/isa.hpp"
#include "kernels/epilogue.hpp"

namespace pleura::kernels::cpu {

/// One stage of the epilogue as a tile sees it. Pointers are those of the tile's first voxel and channel.
struct TileStage {
  const char* residual = nullptr;  ///< nullptr: none
  std::int64_t step = 0;           ///< bytes from one voxel to the next
  bool bf16 = false;               ///< type of the residual; else f32
  bool broadcast = false;          ///< one channel for all
  Activation activation = Activation::none;
  const float* slopes = nullptr;  ///< of a PReLU
};

/// Plain data, so that sources built for one processor instantiate nothing that another's might be linked to.
/// What a tile computes: acc[x][o] = sum over (kd, kh, kw, r) of input[x][kd, kh, kw, r] * weights[...][o], then + bias
/// or partial. A unit is 4 bytes of input: one float, or two bf16. Sizes called bytes are strides.
struct Tile {
  const char* input = nullptr;  ///< first voxel, first tap
  std::int64_t step = 0;        ///< bytes between the inputs of neighbouring outputs
  std::int64_t tap_bytes[3] = {};
  int taps[3] = {1, 1, 1};
  int units = 0;                      ///< neighbouring units of a tap, each with its weights
  const char* weights = nullptr;      ///< [kd][kh][kw][unit][block of channels], a block padded to whole vectors
  std::int64_t weight_bytes[2] = {};  ///< of kd and of kh; kw and unit are dense

  const float* bias = nullptr;  ///< added to every voxel; nullptr: partial is
  float* partial = nullptr;     ///< [voxel][block]; the sums go here where output is nullptr

  char* output = nullptr;
  std::int64_t output_step = 0;  ///< bytes from one voxel to the next
  bool output_bf16 = false;
  int channels = 0;  ///< of the block that exist in the output
  TileStage stages[2];
};

using TileFunction = void (*)(const Tile& tile);

/// A block of output channels that one call can hold, and how many voxels beside it.
struct TileShape {
  int lanes, vectors, width;
  double cost;  ///< time of one unit and voxel, in arbitrary measure: the choice between shapes
  /// Where output channels are too few to fill a vector: lanes run along the input's units instead, a vector a channel,
  /// and are added up at the end. The units of a tap must be a multiple of the lanes.
  bool along_units = false;

  [[nodiscard]] constexpr int channels() const { return along_units ? vectors : lanes * vectors; }
};

/// The tiles of one instruction set.
struct TileSet {
  const char* name;
  Isa isa;
  bool bf16_units;  ///< units are pairs of bf16; else floats
  const TileShape* shapes;
  int shape_count;
  TileFunction (*find)(int shape, int width);  ///< 1 <= width <= shapes[shape].width
};

extern const TileSet portable_tiles, avx2_tiles, avx512_tiles, avx512_bf16_tiles;

}  // namespace pleura::kernels::cpu
