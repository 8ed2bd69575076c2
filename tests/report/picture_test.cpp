#include "report/picture.hpp"

#include <gtest/gtest.h>

#include "report/decode.hpp"

#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#define STBI_ONLY_PNG
#include <stb_image.h>

namespace pleura::report {

test::Decoded test::decode_png(const std::vector<std::uint8_t>& bytes) {
  Decoded decoded;
  int channels = 0;
  stbi_uc* pixels = stbi_load_from_memory(bytes.data(), static_cast<int>(bytes.size()), &decoded.width, &decoded.height,
                                          &channels, 3);
  if (pixels == nullptr) return {};
  decoded.rgb.assign(pixels, pixels + std::ptrdiff_t{3} * decoded.width * decoded.height);
  stbi_image_free(pixels);
  return decoded;
}

namespace {

constexpr Colour kBlack{0, 0, 0}, kWhite{255, 255, 255}, kRed{255, 0, 0};

int count(const Picture& picture, Colour colour) {
  int found = 0;
  for (int y = 0; y < picture.height(); ++y)
    for (int x = 0; x < picture.width(); ++x) found += picture.at(x, y) == colour ? 1 : 0;
  return found;
}

TEST(Picture, FillsAndClips) {
  Picture picture(10, 8, kBlack);
  picture.fill({-5, -5, 3, 2}, kRed);
  picture.fill({9, 7, 100, 100}, kRed);
  EXPECT_EQ(count(picture, kRed), 3 * 2 + 1);
  EXPECT_EQ(picture.at(2, 1), kRed);
  EXPECT_EQ(picture.at(3, 1), kBlack);
  picture.set(-1, 0, kRed);
  picture.set(10, 0, kRed);
  EXPECT_EQ(count(picture, kRed), 7);
}

TEST(Picture, FramesInsideTheRectangle) {
  Picture picture(20, 20, kBlack);
  picture.frame({2, 3, 12, 10}, kRed, 2);
  EXPECT_EQ(count(picture, kRed), 10 * 7 - 6 * 3);
  EXPECT_EQ(picture.at(2, 3), kRed);
  EXPECT_EQ(picture.at(11, 9), kRed);
  EXPECT_EQ(picture.at(12, 9), kBlack);
  EXPECT_EQ(picture.at(4, 5), kBlack);
}

TEST(Picture, BlendsHalfway) {
  Picture picture(1, 1, kBlack);
  picture.blend(0, 0, {200, 100, 0}, 128);
  EXPECT_EQ(picture.at(0, 0), (Colour{100, 50, 0}));
}

TEST(Picture, PastesPictures) {
  Picture picture(6, 6, kBlack);
  picture.paste(Picture(3, 3, kWhite), 4, 4);
  EXPECT_EQ(count(picture, kWhite), 4);
}

TEST(Picture, WritesText) {
  Picture picture(60, 40, kBlack);
  EXPECT_EQ(picture.text(3, 2, "Hi", kWhite), 3 + text_width("Hi", FontSize::small));
  EXPECT_GT(count(picture, kWhite), 10);
  EXPECT_GT(60 * 40 - count(picture, kBlack), count(picture, kWhite)) << "letters are smoothed";
  for (int y = 0; y < 40; ++y)
    for (int x = 0; x < 60; ++x)
      if (x < 3 || x >= 21 || y < 2 || y >= 2 + text_height(FontSize::small)) {
        EXPECT_EQ(picture.at(x, y), kBlack);
      }
  Picture space(30, 30, kBlack);
  space.text(0, 0, " ", kWhite, FontSize::large);
  EXPECT_EQ(count(space, kBlack), 900);
  Picture odd(30, 30, kBlack), question(30, 30, kBlack);
  odd.text(0, 0, "\xff", kWhite);
  question.text(0, 0, "?", kWhite);
  EXPECT_EQ(odd.png(), question.png());
}

TEST(Picture, ComesBackFromItsPng) {
  Picture picture(37, 23, {1, 2, 3});
  for (int y = 0; y < 23; ++y)
    for (int x = 0; x < 37; ++x)
      picture.set(
          x, y,
          {static_cast<std::uint8_t>(x * 7), static_cast<std::uint8_t>(y * 11), static_cast<std::uint8_t>(x * y)});
  const test::Decoded decoded = test::decode_png(picture.png());
  ASSERT_EQ(decoded.width, 37);
  ASSERT_EQ(decoded.height, 23);
  for (int y = 0; y < 23; ++y)
    for (int x = 0; x < 37; ++x) {
      const std::uint8_t* pixel = &decoded.rgb[static_cast<std::size_t>(y * 37 + x) * 3];
      ASSERT_EQ((Colour{pixel[0], pixel[1], pixel[2]}), picture.at(x, y));
    }
}

}  // namespace
}  // namespace pleura::report
