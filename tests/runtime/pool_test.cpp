// Memory in blocks of any order.
#include "runtime/pool.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

namespace pleura::runtime {
namespace {

/// The host's, counted and bounded.
struct Counted final : Memory {
  int allocations = 0;
  std::int64_t largest = std::int64_t{1} << 40;

  Arena allocate(std::int64_t bytes) override {
    if (bytes > largest) throw OutOfMemory(std::to_string(bytes) + " bytes");
    ++allocations;
    return Arena(bytes);
  }
};

TEST(Pool, KeepsBlocksApartInAnyOrder) {
  Counted memory;
  Pool pool(memory);
  std::mt19937 random(1);
  struct Block {
    std::shared_ptr<std::uint8_t> bytes;
    std::size_t size;
    std::uint8_t value;
  };
  std::vector<Block> blocks;
  for (int step = 0; step < 3000; ++step) {
    if (blocks.size() > 20 || (!blocks.empty() && random() % 3 == 0)) {
      const std::size_t which = random() % blocks.size();
      const Block& block = blocks[which];
      for (std::size_t i = 0; i < block.size; i += 97) ASSERT_EQ(block.bytes.get()[i], block.value);
      blocks.erase(blocks.begin() + static_cast<std::ptrdiff_t>(which));
    } else {
      const std::size_t size = random() % 300'000;
      Block block{pool.take<std::uint8_t>(static_cast<std::int64_t>(size)), size, static_cast<std::uint8_t>(step)};
      ASSERT_EQ(reinterpret_cast<std::uintptr_t>(block.bytes.get()) % 64, 0U);
      if (size > 0) std::memset(block.bytes.get(), block.value, size);
      blocks.push_back(std::move(block));
    }
  }
  EXPECT_LT(memory.allocations, 8);
  blocks.clear();
  EXPECT_EQ(pool.free_bytes(), pool.held_bytes()) << "pieces that touch became one";
  EXPECT_TRUE(pool.trim());
  EXPECT_EQ(pool.held_bytes(), 0);
  EXPECT_FALSE(pool.trim());
}

TEST(Pool, FindsRoomForOtherShapesInWhatItHolds) {
  Counted memory;
  Pool pool(memory);
  const auto run = [&](std::int64_t volume) {
    const auto hu = pool.take<std::int16_t>(volume);
    const auto labels = pool.take<std::uint8_t>(volume);
    for (int i = 0; i < 20; ++i) static_cast<void>(pool.take<std::uint8_t>(volume / 8));
  };
  run(10'000'000);
  const int once = memory.allocations;
  for (const std::int64_t volume : {3'000'000, 9'999'999, 7'654'321}) run(volume);
  EXPECT_EQ(memory.allocations, once);
}

TEST(Pool, TakesNoMoreThanItMustWhereMemoryIsShort) {
  Counted memory;
  Pool pool(memory);
  const auto first = pool.take<std::byte>(8 << 20);
  memory.largest = 2 << 20;  // half of what is held would be 4 MiB
  EXPECT_NE(pool.take<std::byte>(2 << 20), nullptr);
  EXPECT_THROW(static_cast<void>(pool.take<std::byte>(3 << 20)), OutOfMemory);
  EXPECT_EQ(pool.held_bytes(), 8 << 20) << "what nobody had was given up before";
}

}  // namespace
}  // namespace pleura::runtime
