#include "runtime/huge_pages.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

namespace pleura::runtime {
namespace {

TEST(HugePages, RoomHoldsWhatIsPutThere) {
  for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{100000}, 3 * huge_page_bytes + 5}) {
    auto values = room_in_huge_pages<std::int16_t>(count);
    EXPECT_TRUE(values.empty());
    EXPECT_GE(values.capacity(), count);
    const std::int16_t* const room = values.data();
    values.resize(count);
    EXPECT_EQ(values.data(), room) << "taken twice";
    EXPECT_TRUE(std::all_of(values.begin(), values.end(), [](std::int16_t value) { return value == 0; }));
  }
}

TEST(HugePages, ChangeNothingInMemoryOfAnyAddress) {
  std::vector<std::byte> bytes(4 * huge_page_bytes, std::byte{7});
  for (const std::size_t first : {0U, 1U, 4095U, 4096U}) prefer_huge_pages(bytes.data() + first, bytes.size() - first);
  EXPECT_TRUE(std::all_of(bytes.begin(), bytes.end(), [](std::byte byte) { return byte == std::byte{7}; }));
}

}  // namespace
}  // namespace pleura::runtime
