#include "runtime/scratch.hpp"

#include <gmock/gmock.h>

namespace pleura::test {
namespace {

using runtime::Arena;
using runtime::Scratch;

/// Counts what it gave.
struct Counted final : runtime::Memory {
  std::vector<std::int64_t> given;
  Arena allocate(std::int64_t bytes) override {
    given.push_back(bytes);
    return Arena(bytes);
  }
};

constexpr std::int64_t megabyte = 1 << 20;

TEST(Scratch, GivesBackWhatAFrameTook) {
  Counted memory;
  Scratch scratch(memory);
  std::byte* first = nullptr;
  for (int i = 0; i < 3; ++i) {
    const Scratch::Frame frame(scratch);
    std::byte* const taken = scratch.take(1000);
    if (i == 0) first = taken;
    EXPECT_EQ(taken, first);
    EXPECT_EQ(scratch.take(1), first + 1024);
    {
      const Scratch::Frame inner(scratch);
      EXPECT_EQ(scratch.take(1), first + 1280);
    }
    EXPECT_EQ(scratch.take(1), first + 1280);
  }
  EXPECT_THAT(memory.given, testing::ElementsAre(megabyte));
}

TEST(Scratch, KeepsPiecesWhereTheyAreAsItGrows) {
  Counted memory;
  Scratch scratch(memory);
  const Scratch::Frame frame(scratch);
  std::byte* const small = scratch.take(8);
  *small = std::byte{7};
  std::byte* const large = scratch.take(3 * megabyte);
  std::fill_n(large, 3 * megabyte, std::byte{1});
  EXPECT_EQ(*small, std::byte{7});
  EXPECT_EQ(scratch.held_bytes(), 4 * megabyte);
}

TEST(Scratch, EndsUpInOneBlock) {
  Counted memory;
  Scratch scratch(memory);
  for (int i = 0; i < 3; ++i) {
    const Scratch::Frame frame(scratch);
    (void)scratch.take((1 + i) * megabyte);
  }
  EXPECT_EQ(scratch.held_bytes(), 3 * megabyte);
}

}  // namespace
}  // namespace pleura::test
