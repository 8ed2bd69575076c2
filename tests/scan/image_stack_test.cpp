/// Stacks of pictures. The pictures are written here byte by byte: PNG and BMP without compression.
#include "scan/image_stack.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "scan/picture.hpp"
#include "tests/scan/picture_files.hpp"
#include "tests/scan/temporary_folder.hpp"

namespace pleura::scan {
namespace {

using ::testing::HasSubstr;

/// A PNG: `channels` 1 (grey) or 3 (RGB), `bits` 8 or 16, samples row by row.
std::string png(std::uint32_t rows, std::uint32_t columns, int bits, int channels,
                const std::vector<std::uint16_t>& samples) {
  std::string raw;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (i % (columns * channels) == 0) raw += '\0';
    raw += test::big_endian(samples[i], bits / 8);
  }
  return test::png_of({.rows = rows, .columns = columns, .bits = bits, .colour_type = channels == 1 ? 0 : 2}, raw);
}

/// A grey 4 x 4 slice: half air, half tissue (black and 204), the first pixel telling the slice.
std::vector<std::uint16_t> slice_samples(int slice) {
  std::vector<std::uint16_t> samples(16);
  std::fill(samples.begin() + 8, samples.end(), std::uint16_t{204});
  samples[0] = static_cast<std::uint16_t>(slice);
  return samples;
}

ReadOptions options() {
  ReadOptions options;
  options.window_low = -1000;
  options.window_high = 275;  // 5 HU a step
  options.spacing = {2.0, 0.5, 0.75};
  return options;
}

void save(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

std::string stack_refusal(const std::filesystem::path& path, const ReadOptions& with) {
  try {
    (void)read_ct(path, with);
  } catch (const Error& error) {
    return error.what();
  }
  return "not refused";
}

class ImageStack : public testing::Test {
 protected:
  ImageStack() {
    for (int slice = 0; slice < 12; ++slice) save(file(slice), png(4, 4, 8, 1, slice_samples(slice)));
  }

  [[nodiscard]] std::filesystem::path file(int slice) const {
    return folder_ / std::string("z").append(std::to_string(slice)).append(".png");
  }

  test::TemporaryFolder folder_;
};

TEST_F(ImageStack, InTheNaturalOrderOfNames) {
  ScanReport report;
  const Volume volume = read_ct(folder_.path(), options(), &report);
  EXPECT_EQ(volume.geometry, (Geometry{.shape = {12, 4, 4}, .spacing = {2.0, 0.5, 0.75}}));
  for (int z = 0; z < 12; ++z) EXPECT_EQ(volume.hu[z * 16], -1000 + 5 * z);
  EXPECT_EQ(volume.hu[12], 20);
  EXPECT_EQ(report.series[0].format, "image stack");
  EXPECT_THAT(report.warnings, testing::IsEmpty());
  std::filesystem::remove(folder_ / "z4.png");
  EXPECT_EQ(read_ct(folder_.path(), options(), &report).geometry.shape[0], 11);
  EXPECT_THAT(report.warnings, testing::ElementsAre(HasSubstr("leave out 1 number")));
}

TEST_F(ImageStack, SixteenBitsAndColour) {
  std::vector<std::uint16_t> samples(16, 13107);  // a fifth of white
  samples[3] = 65535;
  save(folder_ / "p", png(4, 4, 16, 1, samples));
  auto grey = read_picture(folder_ / "p");
  EXPECT_FLOAT_EQ(grey[0], 0.2F);
  EXPECT_FLOAT_EQ(grey[3], 1);
  std::vector<std::uint16_t> colours(48, 51);
  save(folder_ / "p", png(4, 4, 8, 3, colours));
  EXPECT_FLOAT_EQ(read_picture(folder_ / "p")[7], 0.2F);
  colours[5] = 90;
  save(folder_ / "p", png(4, 4, 8, 3, colours));
  EXPECT_THROW((void)read_picture(folder_ / "p"), Error);
}

TEST_F(ImageStack, Bitmap) {
  save(folder_ / "p", test::bmp_of(4, 24));
  EXPECT_FLOAT_EQ(read_picture(folder_ / "p")[15], 0.2F);
}

TEST_F(ImageStack, RefusesWhatItCannotRead) {
  EXPECT_THAT(stack_refusal(folder_.path(), {}), HasSubstr("expected --window-low, --window-high"));
  auto wrong = options();
  wrong.window_high = -2000;
  EXPECT_THAT(stack_refusal(folder_.path(), wrong), HasSubstr("expected a low below the high"));
  wrong = options();
  wrong.spacing = {1, 0, 1};
  EXPECT_THAT(stack_refusal(folder_.path(), wrong), HasSubstr("expected positive figures"));
  EXPECT_THAT(stack_refusal(folder_ / "z3.png", options()), HasSubstr("1 slice, expected at least 10"));
  save(folder_ / "z5.png", png(4, 2, 8, 1, std::vector<std::uint16_t>(8)));
  EXPECT_THAT(stack_refusal(folder_.path(), options()),
              HasSubstr("z5.png has 4 x 2 pixels, expected 4 x 4 as in z0.png"));
  save(folder_ / "z5.png", png(4, 4, 8, 1, slice_samples(5)).substr(0, 50));
  EXPECT_THAT(stack_refusal(folder_.path(), options()), HasSubstr("z5.png: damaged picture"));
  save(folder_ / "z5.png", "\x89PNG");
  EXPECT_THAT(stack_refusal(folder_.path(), options()), HasSubstr("neither PNG nor JPEG nor BMP"));
  save(folder_ / "z5.png", png(100000, 4, 8, 1, slice_samples(5)));
  EXPECT_THAT(stack_refusal(folder_.path(), options()), HasSubstr("z5.png"));
}

TEST(NaturalOrder, NumbersCountAsNumbers) {
  std::vector<std::string> names{"z_10", "z_2", "z_002", "a9b3", "a9b12", "a10", "z", "z_2a"};
  std::sort(names.begin(), names.end(), natural_less);
  EXPECT_THAT(names, testing::ElementsAre("a9b3", "a9b12", "a10", "z", "z_002", "z_2", "z_2a", "z_10"));
}

}  // namespace
}  // namespace pleura::scan
