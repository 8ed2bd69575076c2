#pragma once
/// Chunks of a stored tensor: their filters undone, their values put where they lie in the whole.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "weights/h5read/bytes.hpp"

namespace pleura::weights {

/// Unpacks deflate data that must hold exactly as many bytes as `plain`, else false: its memory is bounded, whatever
/// the data says.
[[nodiscard]] bool inflate_exactly(std::span<const std::uint8_t> packed, std::span<std::uint8_t> plain);

/// Undoes HDF5's shuffle (first bytes of all values, then second bytes, ...) of values of 2 or 4 bytes.
[[nodiscard]] h5read::Bytes unshuffle(const h5read::Bytes& shuffled, std::size_t value_bytes);

/// A box of values in a tensor, extents in the order of the tensor's axes: `extent` of the tensor, `chunk` as stored,
/// `offset` of its first value.
struct Placement {
  std::vector<std::uint64_t> extent, chunk, offset;
};

/// Copies what of a chunk lies inside of its tensor to there, in the longest runs that lie in one piece in both.
/// `values`: all of the chunk's; `target`: all of the tensor's.
void place_chunk(const Placement& placement, std::size_t value_bytes, const std::uint8_t* values, std::uint8_t* target);

}  // namespace pleura::weights
