/// RLE frames written by hand from PS3.5 annex G; whole files against DCMTK's encoder in dicom_read_test.cpp.
#include "scan/rle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pleura/error.hpp"

namespace pleura::scan {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::byte> frame_of(std::vector<std::uint32_t> places, const std::vector<int>& packed) {
  places.resize(16);
  std::vector<std::byte> frame(64);
  for (std::size_t i = 0; i < 64; ++i) frame[i] = static_cast<std::byte>(places[i / 4] >> 8 * (i % 4) & 0xFF);
  for (const int byte : packed) frame.push_back(static_cast<std::byte>(byte));
  return frame;
}

std::string refusal(const std::vector<std::byte>& frame, std::int64_t pixels, int bytes_per_pixel) {
  try {
    (void)decode_rle(frame, pixels, bytes_per_pixel, "a");
  } catch (const Error& error) {
    return error.what();
  }
  return "not refused";
}

TEST(Rle, CopiesRepeatsAndPasses) {
  // Copy 7 8, nothing, repeat 9 three times; the surplus of the last run is cut.
  EXPECT_THAT(decode_rle(frame_of({1, 64}, {1, 7, 8, 128, 254, 9}), 4, 1, "a"), ElementsAre(7, 8, 9, 9));
  // Two segments, the high bytes first.
  EXPECT_THAT(decode_rle(frame_of({2, 64, 66}, {255, 1, 1, 2, 3}), 2, 2, "a"), ElementsAre(0x102, 0x103));
}

TEST(Rle, RefusesDamage) {
  EXPECT_THAT(refusal({}, 2, 1), HasSubstr("0 bytes"));
  EXPECT_THAT(refusal(frame_of({3, 64}, {1, 7, 8}), 2, 1), HasSubstr("3 segments, expected 1"));
  EXPECT_THAT(refusal(frame_of({1, 10}, {1, 7, 8}), 2, 1), HasSubstr("segment 1 lies outside"));
  EXPECT_THAT(refusal(frame_of({1, 0xFFFFFFF0}, {1, 7, 8}), 2, 1), HasSubstr("segment 1 lies outside"));
  EXPECT_THAT(refusal(frame_of({2, 66, 64}, {255, 1, 255, 2}), 2, 2), HasSubstr("segment 1 lies outside"));
  EXPECT_THAT(refusal(frame_of({1, 64}, {1, 7}), 2, 1), HasSubstr("segment 1 is too short"));
  EXPECT_THAT(refusal(frame_of({1, 64}, {255}), 2, 1), HasSubstr("segment 1 is too short"));
  EXPECT_THAT(refusal(frame_of({1, 64}, {1, 7, 8}), 5, 1), HasSubstr("segment 1 is too short"));
}

}  // namespace
}  // namespace pleura::scan
