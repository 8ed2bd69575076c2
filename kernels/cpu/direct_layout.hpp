#pragma once
/// How a direct convolution is cut: channels into blocks of tiles, the reduction into parts whose weights fit the
/// cache, the grid into units that threads take one after the other.
#include <algorithm>
#include <vector>

#include "kernels/cpu/direct.hpp"

namespace pleura::kernels::cpu {

/// Output channels [first, first + channels) computed by tiles of one shape.
struct ChannelBlock {
  int shape;
  std::int64_t first;
  int channels;          ///< that exist; the rest of the shape's lanes is padding
  int lanes;             ///< channels of the shape
  std::int64_t weights;  ///< byte offset of the block's weights within a phase
};

/// The shapes that cost least for the output's channels.
[[nodiscard]] std::vector<ChannelBlock> channel_blocks(const TileSet& tiles, const DirectProblem& problem);

struct DirectLayout {
  std::vector<ChannelBlock> blocks;
  bool staged = false;             ///< input is copied, padded and converted before tiles read it
  bool folded = false;             ///< taps along w and channels are one dense run
  std::int64_t element = 4;        ///< bytes of an input element as tiles read it
  std::int64_t part_channels = 0;  ///< input channels of one part of the reduction, as padded
  std::int64_t parts = 1;
  int taps_w = 1;                                          ///< that tiles step through: 1 where folded
  Extent3 unit{};                                          ///< grid positions of a unit of work
  Extent3 counts{};                                        ///< units of work along each dimension
  std::int64_t staged_w = 0;                               ///< columns of a staged row
  std::int64_t row_bytes = 0, plane_rows = 0, planes = 0;  ///< of the staged input of one part
  std::int64_t partial_bytes = 0;
  std::int64_t phase_bytes = 0;  ///< packed weights of one phase

  /// Neighbouring units of one tap of a part; the last part may have fewer channels.
  [[nodiscard]] int units(const DirectProblem& problem, std::int64_t part) const {
    const std::int64_t channels = std::min(part_channels, problem.input.shape.c - part * part_channels);
    return static_cast<int>(((folded ? channels * problem.kernel[2] : channels) * element + 3) / 4);
  }
  [[nodiscard]] std::int64_t part_bytes() const { return row_bytes * plane_rows * planes; }
  [[nodiscard]] std::int64_t staged_bytes() const { return staged ? part_bytes() * parts : 0; }
  /// Packed weights of one part for a block of channels.
  [[nodiscard]] std::int64_t weight_bytes(const DirectProblem& problem, std::int64_t part, int lanes) const {
    return problem.kernel[0] * problem.kernel[1] * taps_w * units(problem, part) * lanes * 4;
  }
};

[[nodiscard]] DirectLayout lay_out(const TileSet& tiles, const DirectProblem& problem);

}  // namespace pleura::kernels::cpu
