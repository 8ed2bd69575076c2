/// Damaged and hostile pictures are refused by name before stb_image sees them.
#include "scan/picture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pleura/error.hpp"
#include "tests/scan/picture_files.hpp"

namespace pleura::scan {
namespace {

using test::JpegParts;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::vector<float> read(const std::string& bytes) {
  const auto* begin = reinterpret_cast<const std::byte*>(bytes.data());
  const auto memory = std::make_shared<const FilesInMemory>(FilesInMemory{{"a", Bytes(begin, begin + bytes.size())}});
  return read_picture(InputFile("a", memory));
}

std::string refusal(const std::string& bytes) {
  try {
    (void)read(bytes);
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::input_refused);
    return error.what();
  }
  return "not refused";
}

auto says(const char* why) { return AllOf(StartsWith("a: damaged picture ("), HasSubstr(why)); }

void expect_each_beginning_refused(const std::string& whole) {
  EXPECT_EQ(refusal(whole), "not refused");
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_THAT(refusal(whole.substr(0, size)), StartsWith("a: damaged picture (")) << size << " bytes";
}

std::string raw_rows() { return std::string(4 * 5, '\0'); }

TEST(Picture, CutOff) {
  expect_each_beginning_refused(test::png_of({}, raw_rows()));
  expect_each_beginning_refused(test::bmp_of(4, 24));
  expect_each_beginning_refused(JpegParts().whole());
}

TEST(Picture, JpegOfOneGrey) {
  const auto grey = read(JpegParts().whole());
  ASSERT_EQ(grey.size(), 64U);
  EXPECT_FLOAT_EQ(grey[17], 128.0F / 255);
}

TEST(Picture, PngThatContradictsItself) {
  auto png = test::png_of({}, raw_rows());
  png[png.size() - 14] ^= 1;  // the last checksum of pixels
  EXPECT_THAT(refusal(png), says("a wrong checksum"));
  EXPECT_THAT(refusal(test::png_of({}, raw_rows().substr(1))), says("its compressed pixels are truncated"));
  EXPECT_THAT(refusal(test::png_of({}, raw_rows() + '\0')), says("more compressed pixels than it announces"));
  EXPECT_THAT(refusal(test::png_of({}, std::string(1 << 20, '\0'))), says("more compressed pixels"));
  EXPECT_THAT(refusal(test::png_of({.bits = 3}, raw_rows())), says("an impossible header"));
  EXPECT_THAT(refusal(test::png_of({.columns = 0}, raw_rows())), says("an impossible header"));
  EXPECT_THAT(refusal(test::png_of({.columns = 1U << 31}, raw_rows())), HasSubstr("expected at most 8192 a side"));
}

TEST(Picture, InterlacedPngHasSevenPasses) {
  // Rows times their bytes of passes 1, 4, 5, 6 and 7; the others have no pixel of a picture so small.
  const std::string raw(1 * 2 + 1 * 2 + 1 * 3 + 2 * 3 + 2 * 5, '\0');
  EXPECT_EQ(read(test::png_of({.interlaced = true}, raw)).size(), 16U);
  EXPECT_THAT(refusal(test::png_of({.interlaced = true}, raw + '\0')), says("more compressed pixels"));
}

TEST(Picture, BmpThatContradictsItself) {
  const auto changed = [](std::size_t at, std::uint32_t value) {
    return test::bmp_of(4, 24).replace(at, 4, test::little_endian(value));
  };
  constexpr std::size_t pixels_at = 10, columns = 18, rows = 22, bits = 28;
  EXPECT_THAT(refusal(changed(pixels_at, 1000)), says("truncated"));
  EXPECT_THAT(refusal(changed(rows, 8192)), says("truncated"));
  EXPECT_THAT(refusal(changed(rows, 1U << 31)), says("truncated"));
  EXPECT_THAT(refusal(changed(columns, 1U << 31)), says("an impossible header"));
  EXPECT_THAT(refusal(changed(bits, 65)), says("an impossible header"));
}

TEST(Picture, HuffmanTablesThatAreNone) {
  JpegParts jpeg;
  jpeg.huffman = JpegParts::table('\0', "\3") + JpegParts::table('\x10', "\1");
  EXPECT_THAT(refusal(jpeg.whole()), says("an impossible Huffman table"));  // three codes of one bit
  jpeg.huffman = JpegParts::table('\0', std::string(16, '\xFF')) + JpegParts::table('\x10', "\1");
  EXPECT_THAT(refusal(jpeg.whole()), says("an impossible Huffman table"));  // 4080 symbols
  jpeg.huffman = JpegParts::table('\4', "\1") + JpegParts::table('\x10', "\1");
  EXPECT_THAT(refusal(jpeg.whole()), says("an impossible Huffman table"));  // no fifth one is allowed
  jpeg.huffman = JpegParts::table('\0', "\1");
  EXPECT_THAT(refusal(jpeg.whole()), says("a Huffman table is missing"));
}

TEST(Picture, JpegThatContradictsItself) {
  JpegParts jpeg;
  jpeg.quantization = "";
  EXPECT_THAT(refusal(jpeg.whole()), says("a quantization table is missing"));
  jpeg = {};
  jpeg.frame[5] = '\x1F';  // 7944 rows
  EXPECT_THAT(refusal(jpeg.whole()), HasSubstr("too few bytes for its size"));
  jpeg = {};
  jpeg.frame += jpeg.frame;
  EXPECT_THAT(refusal(jpeg.whole()), says("two headers"));
  jpeg = {};
  jpeg.frame[1] = '\xC3';
  EXPECT_THAT(refusal(jpeg.whole()), says("lossless, hierarchical or arithmetic JPEG"));
  jpeg = {};
  std::swap(jpeg.frame, jpeg.scan);
  EXPECT_THAT(refusal(jpeg.whole()), says("pixels before its header"));
  jpeg = {};
  jpeg.scan = "";
  EXPECT_THAT(refusal(jpeg.whole()), says("no pixels"));
  jpeg = {};
  for (int i = 0; i < 7; ++i) jpeg.scan += jpeg.scan;
  EXPECT_THAT(refusal(jpeg.whole()), says("more than 100 scans"));
}

}  // namespace
}  // namespace pleura::scan
