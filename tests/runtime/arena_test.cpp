#include "runtime/arena.hpp"

#include <gtest/gtest.h>

#include <random>

#include "pleura/error.hpp"

namespace pleura::runtime {
namespace {

bool meet(std::int64_t a, std::int64_t a_end, std::int64_t b, std::int64_t b_end) { return a < b_end && b < a_end; }

/// Buffers that live together must not share a byte.
void expect_valid(const std::vector<Lifetime>& buffers, const ArenaLayout& layout) {
  ASSERT_EQ(layout.offsets.size(), buffers.size());
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    EXPECT_EQ(layout.offsets[i] % 64, 0);
    EXPECT_LE(layout.offsets[i] + buffers[i].bytes, layout.bytes);
    for (std::size_t k = 0; k < i; ++k) {
      if (!meet(buffers[i].first, buffers[i].last + 1, buffers[k].first, buffers[k].last + 1)) continue;
      EXPECT_FALSE(meet(layout.offsets[i], layout.offsets[i] + buffers[i].bytes, layout.offsets[k],
                        layout.offsets[k] + buffers[k].bytes))
          << i << " and " << k;
    }
  }
}

TEST(Arena, SharesBytesOfBuffersThatNeverMeet) {
  // A chain of layers needs two buffers at a time.
  const std::vector<Lifetime> chain{{640, 0, 0}, {640, 0, 1}, {640, 1, 2}, {640, 2, 3}};
  const ArenaLayout layout = lay_out(chain);
  expect_valid(chain, layout);
  EXPECT_EQ(layout.bytes, 1280);
}

TEST(Arena, KeepsASkipConnectionThroughout) {
  const std::vector<Lifetime> skip{{64, 0, 5}, {640, 0, 1}, {640, 2, 3}, {100, 4, 5}};
  const ArenaLayout layout = lay_out(skip);
  expect_valid(skip, layout);
  EXPECT_EQ(layout.bytes, 640 + 64);
}

TEST(Arena, LaysOutAnyLifetimes) {
  std::mt19937 random(1);
  const auto draw = [&](int low, int high) { return std::uniform_int_distribution<std::int64_t>(low, high)(random); };
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<Lifetime> buffers(static_cast<std::size_t>(draw(0, 30)));
    std::int64_t sum = 0;
    for (Lifetime& buffer : buffers) {
      const std::int64_t first = draw(0, 20);
      buffer = {draw(0, 1000), first, first + draw(0, 6)};
      sum += (buffer.bytes + 63) / 64 * 64;
    }
    const ArenaLayout layout = lay_out(buffers);
    expect_valid(buffers, layout);
    EXPECT_LE(layout.bytes, sum);
  }
}

TEST(Arena, IsAlignedAndWritable) {
  for (const std::int64_t bytes : {0, 1, 5000, 5 << 20}) {
    const Arena arena(bytes);
    EXPECT_EQ(arena.bytes(), bytes);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(arena.data()) % 4096, 0U);
    std::fill_n(arena.data(), bytes, std::byte{1});
  }
}

TEST(Arena, NamesTheBytesThatAreMissing) {
  try {
    const Arena arena(std::int64_t{1} << 60);
    FAIL() << "expected a refusal";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::resources);
    EXPECT_NE(std::string(error.what()).find("1152921504606846976 bytes"), std::string::npos);
  }
}

}  // namespace
}  // namespace pleura::runtime
