#include "weights/chunk.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstring>

namespace pleura::weights {
namespace {

/// Values one after the other along an axis, in bytes.
struct Run {
  std::uint64_t count, chunk_step, tensor_step;
};

/// The axes along which a chunk has values in the tensor, the innermost first, those joined that one step goes through
/// in both.
std::vector<Run> runs_of(const Placement& placement, std::size_t value_bytes) {
  std::vector<Run> runs;
  std::uint64_t chunk_step = value_bytes, tensor_step = value_bytes;
  for (std::size_t axis = placement.extent.size(); axis-- > 0;) {
    const std::uint64_t extent = placement.extent[axis], chunk = placement.chunk[axis];
    const std::uint64_t count = std::min(chunk, extent - placement.offset[axis]);
    const auto goes_on = [&](const Run& inner) {
      return inner.count * inner.chunk_step == chunk_step && inner.count * inner.tensor_step == tensor_step;
    };
    if (!runs.empty() && goes_on(runs.back()))
      runs.back().count *= count;
    else if (count > 1)
      runs.push_back({count, chunk_step, tensor_step});
    chunk_step *= chunk;
    tensor_step *= extent;
  }
  return runs;
}

/// `fixed`: bytes of a piece that are known when this is compiled, or 0.
template <std::size_t fixed>
void copy(std::span<const Run> runs, std::size_t bytes, const std::uint8_t* from, std::uint8_t* to) {
  if (runs.empty()) {
    std::memcpy(to, from, fixed != 0 ? fixed : bytes);
    return;
  }
  const Run outer = runs.back();
  const auto inner = runs.first(runs.size() - 1);
  for (std::uint64_t i = 0; i < outer.count; ++i)
    copy<fixed>(inner, bytes, from + i * outer.chunk_step, to + i * outer.tensor_step);
}

}  // namespace

bool inflate_exactly(std::span<const std::uint8_t> packed, std::span<std::uint8_t> plain) {
  uLongf length = static_cast<uLongf>(plain.size());
  return uncompress(plain.data(), &length, packed.data(), static_cast<uLong>(packed.size())) == Z_OK &&
         length == plain.size();
}

h5read::Bytes unshuffle(const h5read::Bytes& shuffled, std::size_t value_bytes) {
  h5read::Bytes plain(shuffled.size());
  const std::size_t count = shuffled.size() / value_bytes;
  const std::uint8_t* const from = shuffled.data();
  std::uint8_t* const to = plain.data();
  if (value_bytes == 2)
    for (std::size_t i = 0; i < count; ++i) to[2 * i] = from[i], to[2 * i + 1] = from[count + i];
  else
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t byte = 0; byte < 4; ++byte) to[4 * i + byte] = from[byte * count + i];
  return plain;
}

void place_chunk(const Placement& placement, std::size_t value_bytes, const std::uint8_t* values,
                 std::uint8_t* target) {
  std::uint64_t first = 0;
  for (std::size_t axis = 0; axis < placement.extent.size(); ++axis)
    first = first * placement.extent[axis] + placement.offset[axis];
  const std::vector<Run> runs = runs_of(placement, value_bytes);
  std::span<const Run> outer = runs;
  std::size_t bytes = value_bytes;
  if (!outer.empty() && outer.front().chunk_step == bytes && outer.front().tensor_step == bytes) {
    bytes *= outer.front().count;
    outer = outer.subspan(1);
  }
  std::uint8_t* const to = target + first * value_bytes;
  if (bytes == 2)
    copy<2>(outer, bytes, values, to);
  else if (bytes == 4)
    copy<4>(outer, bytes, values, to);
  else
    copy<0>(outer, bytes, values, to);
}

}  // namespace pleura::weights
