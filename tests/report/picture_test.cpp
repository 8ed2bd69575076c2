#include "report/picture.hpp"

#include <gtest/gtest.h>

#include "report/decode.hpp"
#include "report/pixels.hpp"

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

constexpr Colour kBlack{0, 0, 0};

using test::count;
using test::kRed;
using test::kWhite;

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

TEST(Picture, WritesOneQuestionMarkForEachCharacterItLacks) {
  EXPECT_EQ(drawable("M\xc3\xbcller \xe8\x82\xba"), "M?ller ?");
  EXPECT_EQ(drawable("a\x1b[31m\n\t\x7f"), "a?[31m???");
  EXPECT_EQ(drawable("\x80"
                     "a\x80\xff"),
            "?a??")
      << "bytes that are no UTF-8";
  EXPECT_EQ(text_width("M\xc3\xbc", FontSize::small), text_width("M?", FontSize::small));
  Picture odd(60, 30, kBlack), plain(60, 30, kBlack);
  EXPECT_EQ(odd.text(0, 0, "\x1b\xc3\xbcx", kWhite), plain.text(0, 0, "??x", kWhite));
  EXPECT_EQ(odd.png(), plain.png());
}

TEST(Picture, CutsTextsToAWidth) {
  const int width = text_width("eight ch", FontSize::small);
  EXPECT_EQ(cut_to("eight ch", width), "eight ch");
  EXPECT_EQ(cut_to("eight cha", width), "eight...");
  EXPECT_EQ(cut_to("eight cha", width - 1), "eigh...");
  EXPECT_EQ(cut_to("eight", 2 * width / 8), "..");
  EXPECT_EQ(cut_to("eight", -5), "");
  EXPECT_EQ(cut_to("\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc", width), "????????");
}

TEST(Picture, OfGreys) {
  const Picture picture = Picture::of_greys(2, 2, {1, 2, 3, 4});
  EXPECT_EQ(picture.at(1, 0), (Colour{2, 2, 2}));
  EXPECT_EQ(picture.at(0, 1), (Colour{3, 3, 3}));
}

TEST(Picture, PastesWhatFits) {
  Picture picture(4, 4, kBlack);
  Picture other(3, 2, kRed);
  other.set(2, 1, kWhite);
  picture.paste(other, -2, -1);
  EXPECT_EQ(picture.at(0, 0), kWhite);
  EXPECT_EQ(count(picture, kBlack), 15);
  picture.paste(other, 3, 3);
  EXPECT_EQ(picture.at(3, 3), kRed);
  for (const int far : {-9, 9}) picture.paste(other, far, far);
  EXPECT_EQ(count(picture, kBlack), 14);
}

TEST(Picture, HasAPngsChecksums) {
  const std::vector<std::uint8_t> png = Picture(1, 1, kRed).png();
  // The header of every PNG of one RGB pixel, and every PNG's end.
  const std::vector<std::uint8_t> header{0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0,    0,    0,
                                         13,   'I', 'H', 'D', 'R',  0,    0,    0,    1,    0,    0,
                                         0,    1,   8,   2,   0,    0,    0,    0x90, 0x77, 0x53, 0xde};
  const std::vector<std::uint8_t> end{0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae, 0x42, 0x60, 0x82};
  ASSERT_GT(png.size(), header.size() + end.size());
  EXPECT_TRUE(std::equal(header.begin(), header.end(), png.begin()));
  EXPECT_TRUE(std::equal(end.begin(), end.end(), png.end() - static_cast<std::ptrdiff_t>(end.size())));
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
