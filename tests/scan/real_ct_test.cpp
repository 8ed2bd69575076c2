/// Real CTs and real faults of ../shared/data.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pleura/pleura.hpp"
#include "tests/scan/refusal.hpp"
#include "tests/shared_data.hpp"
#ifdef PLEURA_WITH_DICOM
#include "scan/dicom_header.hpp"
#include "scan/dicom_pixels.hpp"
#endif

namespace pleura::scan {
namespace {

using test::refusal;
using ::testing::HasSubstr;

/// Reads and expects a shape (z, y, x) and spacing.
Volume expect_ct(const std::filesystem::path& path, const Index3& shape, const std::array<double, 3>& spacing,
                 const ReadOptions& options = {}) {
  Volume volume = read_ct(path, options);
  EXPECT_EQ(volume.geometry.shape, shape);
  for (int a = 0; a < 3; ++a) EXPECT_NEAR(volume.geometry.spacing[a], spacing[a], 1e-5);
  EXPECT_EQ(volume.geometry.direction, Geometry{}.direction);
  EXPECT_EQ(static_cast<std::int64_t>(volume.hu.size()), volume.geometry.voxels());
  return volume;
}

#ifdef PLEURA_WITH_DICOM
TEST(RealCt, SixtyFourSlices) {
  PLEURA_NEED_SHARED_DATA("lung-pet-ct-dx-A0001");
  const auto volume = expect_ct(pleura::test::shared_data("lung-pet-ct-dx-A0001/series-2"), {64, 512, 512},
                                {5, 0.841796875, 0.841796875});
  EXPECT_EQ(volume.geometry.origin, (Point3{-228.036842, -93.0631599, -439}));
}

TEST(RealCt, CovidCtMd) {
  PLEURA_NEED_SHARED_DATA("covid-ct-md");
  (void)expect_ct(pleura::test::shared_data("covid-ct-md/P001"), {148, 512, 512}, {2, 0.748046875, 0.748046875});
  (void)expect_ct(pleura::test::shared_data("covid-ct-md/normal001"), {154, 512, 512}, {2, 0.634765625, 0.634765625});
  EXPECT_THAT(refusal(pleura::test::shared_data("covid-ct-md")), HasSubstr("CTs of several patients"));
}

/// Lossless encodings of one slice hold the same values, whatever the syntax.
TEST(RealCt, EncodingsAgree) {
  PLEURA_NEED_SHARED_DATA("dicom-encodings");
  const auto values_of = [](const std::filesystem::path& file) { return DicomPixels(file, 1).frame(0); };
  const auto expected = values_of(pleura::test::shared_data("dicom-encodings/CTImage.dcm"));
  int lossless = 0;
  for (const auto& entry : std::filesystem::directory_iterator(pleura::test::shared_data("dicom-encodings"))) {
    const auto name = entry.path().filename().string();
    if (!name.starts_with("CTImage.dcm_")) continue;
    const auto values = values_of(entry.path());
    EXPECT_EQ(values.size(), expected.size());
    const bool lossy = read_dicom_header(entry.path())->lossy || name.find("LossyTransfer") != std::string::npos ||
                       name.find("JPEG2000TransferSyntax") != std::string::npos ||
                       name.find("Process1") != std::string::npos || name.find("Process2_4") != std::string::npos ||
                       name.find("Process6_8") != std::string::npos;
    if (lossy && name.find("Process14") == std::string::npos) continue;
    ++lossless;
    EXPECT_EQ(values, expected) << name;
  }
  EXPECT_EQ(lossless, 9);
}

TEST(RealCt, FragmentsWithoutOffsetTable) {
  PLEURA_NEED_SHARED_DATA("dicom-encodings");
  const auto file = pleura::test::shared_data("dicom-encodings/CT0012.fragmented_no_bot_jpeg_baseline.51.dcm");
  DicomPixels pixels(file, static_cast<std::int64_t>(read_dicom_header(file)->frames.size()));
  const auto first = pixels.frame(0), second = pixels.frame(1);
  EXPECT_NE(first, second);
  EXPECT_EQ(first, DicomPixels(file, 2).frame(0));
}

/// Each case is refused for its own fault, said before the count of slices.
TEST(RealCt, FaultySeries) {
  PLEURA_NEED_SHARED_DATA("dicom-faulty");
  const std::pair<const char*, const char*> faults[] = {
      {"gantrytilting", "gantry tilt: the slices are tilted by 14 degrees"},
      {"notavolume", "not a volume: all 4 slices lie at one position (61.5 mm)"},
      {"sliceincrement/001",
       "missing slices: IM-0001-0010-0001.dcm lies 10 mm from IM-0001-0009-0001.dcm, expected 5 mm"},
      {"sliceincrement/002",
       "missing slices: IM-0001-0005.dcm lies 1.499 mm from IM-0001-0003.dcm, expected 0.7497 mm"},
      {"sliceorientation", "slices of several orientations"},
      {"slicecount", "2 slices, expected at least 10"}};
  for (const auto& [folder, words] : faults) {
    const auto message = refusal(pleura::test::shared_data("dicom-faulty") / folder);
    EXPECT_THAT(message, HasSubstr(words)) << folder;
    EXPECT_LE(message.find(words), message.find("expected at least 10")) << folder;
  }
}

TEST(RealCt, FilesThatAreNoSlices) {
  PLEURA_NEED_SHARED_DATA("dicom-encodings");
  EXPECT_THAT(refusal(pleura::test::shared_data("dicom-encodings/no-pixel-data.dcm")), HasSubstr("no pixel data"));
  EXPECT_THAT(refusal(pleura::test::shared_data("dicom-encodings/no-pixel-spacing.dcm")),
              HasSubstr("modality US, expected CT"));
}
#endif

TEST(RealCt, LungMasks) {
  PLEURA_NEED_SHARED_DATA("lung-masks");
  (void)expect_ct(pleura::test::shared_data("lung-masks/id001-128x128x64.nii.gz"), {64, 128, 128},
                  {5, 3.007812, 3.007812});
  (void)expect_ct(pleura::test::shared_data("lung-masks/id002-128x128x64.nii.gz"), {64, 128, 128},
                  {4.765625, 3.257812, 3.257812});
  EXPECT_THAT(refusal(pleura::test::shared_data("lung-masks/id001-128x128x64-msk.nii.gz")),
              HasSubstr("values are not HU"));
  EXPECT_THAT(refusal(pleura::test::shared_data("lung-masks")), HasSubstr("expected one: give its path"));
}

TEST(RealCt, PngStack) {
  PLEURA_NEED_SHARED_DATA("luna16-png");
  ReadOptions options;
  options.window_low = -1350;
  options.window_high = 150;
  options.spacing = {1.25, 0.7, 0.7};
  (void)expect_ct(pleura::test::shared_data("luna16-png"), {251, 512, 512}, {1.25, 0.7, 0.7}, options);
  EXPECT_THAT(refusal(pleura::test::shared_data("luna16-png")), HasSubstr("--window-low"));
}

}  // namespace
}  // namespace pleura::scan
