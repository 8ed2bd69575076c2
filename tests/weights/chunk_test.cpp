// Chunks put in their place, against every value put there by its index.
#include "weights/chunk.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

namespace pleura::weights {
namespace {

h5read::Bytes numbered(std::uint64_t values, std::size_t value_bytes) {
  h5read::Bytes bytes(values * value_bytes);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 37 + i / 251);
  return bytes;
}

std::uint64_t product(const std::vector<std::uint64_t>& extents) {
  std::uint64_t count = 1;
  for (const std::uint64_t extent : extents) count *= extent;
  return count;
}

/// By each value's index.
void place_values(const Placement& p, std::size_t value_bytes, const h5read::Bytes& values, h5read::Bytes& target) {
  for (std::uint64_t i = 0; i < product(p.chunk); ++i) {
    std::uint64_t rest = i, at = 0, stride = 1;
    bool inside = true;
    for (std::size_t axis = p.extent.size(); axis-- > 0;) {
      const std::uint64_t index = p.offset[axis] + rest % p.chunk[axis];
      rest /= p.chunk[axis];
      inside = inside && index < p.extent[axis];
      at += index * stride;
      stride *= p.extent[axis];
    }
    if (inside) std::memcpy(&target[at * value_bytes], &values[i * value_bytes], value_bytes);
  }
}

struct Case {
  std::vector<std::uint64_t> extent, chunk;
};

class PlaceChunk : public testing::TestWithParam<Case> {};

TEST_P(PlaceChunk, PutsEachValueWhereItsIndexSays) {
  const auto& [extent, chunk] = GetParam();
  for (const std::size_t value_bytes : {2U, 4U}) {
    const h5read::Bytes values = numbered(product(chunk), value_bytes);
    std::vector<std::uint64_t> offset(extent.size(), 0);
    for (bool more = true; more;) {
      h5read::Bytes found(product(extent) * value_bytes, 0xee), expected = found;
      const Placement placement{extent, chunk, offset};
      place_chunk(placement, value_bytes, values.data(), found.data());
      place_values(placement, value_bytes, values, expected);
      ASSERT_EQ(found, expected) << value_bytes << " bytes, chunk at " << testing::PrintToString(offset);
      more = false;
      for (std::size_t axis = 0; axis < extent.size() && !more; ++axis) {  // the next chunk
        offset[axis] += chunk[axis];
        more = offset[axis] < extent[axis];
        if (!more) offset[axis] = 0;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, PlaceChunk,
                         testing::Values(Case{{3}, {2}}, Case{{4}, {4}}, Case{{1}, {1}}, Case{{5, 3}, {2, 3}},
                                         Case{{5, 3}, {5, 1}}, Case{{4, 6, 5}, {3, 6, 5}}, Case{{4, 6, 5}, {3, 4, 5}},
                                         Case{{6, 8, 3, 3, 3}, {4, 4, 2, 2, 2}}, Case{{6, 8, 2, 2, 2}, {3, 4, 1, 1, 1}},
                                         Case{{4, 1, 3, 1, 3}, {2, 1, 3, 1, 2}}));

TEST(Unshuffle, GathersTheBytesOfEachValue) {
  EXPECT_EQ(unshuffle({1, 2, 3, 10, 20, 30}, 2), (h5read::Bytes{1, 10, 2, 20, 3, 30}));
  EXPECT_EQ(unshuffle({1, 2, 10, 20, 100, 200, 5, 6}, 4), (h5read::Bytes{1, 10, 100, 5, 2, 20, 200, 6}));
}

}  // namespace
}  // namespace pleura::weights
