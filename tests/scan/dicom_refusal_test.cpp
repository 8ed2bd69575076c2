/// DICOM series that must be refused, each for its own fault in one line that names file, found and expected.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "pleura/pleura.hpp"
#include "tests/scan/dicom_writer.hpp"
#include "tests/scan/refusal.hpp"
#include "tests/scan/temporary_folder.hpp"

namespace pleura::scan {
namespace {

using test::put;
using test::refusal;
using ::testing::HasSubstr;
using ::testing::Not;

/// What is done to a good series of 12 slices, and the words that its refusal must hold.
struct Fault {
  const char* name;
  std::function<void(std::int64_t slice, DcmDataset&)> change;
  std::vector<std::string> words;
};

void put_position(DcmDataset& dataset, double x, double y, double z) {
  put(dataset, DCM_ImagePositionPatient, std::to_string(x) + "\\" + std::to_string(y) + "\\" + std::to_string(z));
}

class DicomFault : public testing::TestWithParam<Fault> {};

TEST_P(DicomFault, IsRefusedForItself) {
  const test::TemporaryFolder folder;
  test::write_series(folder.path(), {.change = GetParam().change});
  const auto message = refusal(folder.path());
  for (const auto& words : GetParam().words) EXPECT_THAT(message, HasSubstr(words));
  EXPECT_THAT(message, Not(HasSubstr("at least 10")));
  const auto report = scan_ct(folder.path());  // scan says the same and does not throw
  ASSERT_FALSE(report.series.empty());
  EXPECT_THAT(report.series[0].refused, HasSubstr(GetParam().words[0]));
}

INSTANTIATE_TEST_SUITE_P(
    All, DicomFault,
    testing::Values(
        Fault{"modality", [](auto, DcmDataset& d) { put(d, DCM_Modality, "MR"); }, {"modality MR", "expected CT"}},
        Fault{"report", [](auto, DcmDataset& d) { d.findAndDeleteElement(DCM_PixelData); }, {"no pixel data"}},
        Fault{"localizer",
              [](auto, DcmDataset& d) { put(d, DCM_ImageType, "ORIGINAL\\PRIMARY\\LOCALIZER"); },
              {"localizer"}},
        Fault{"capture",
              [](auto, DcmDataset& d) { put(d, DCM_SOPClassUID, UID_SecondaryCaptureImageStorage); },
              {"secondary capture"}},
        Fault{
            "colour", [](auto, DcmDataset& d) { put(d, DCM_PhotometricInterpretation, "PALETTE COLOR"); }, {"colour"}},
        Fault{
            "units", [](auto, DcmDataset& d) { put(d, DCM_RescaleType, "Z_EFF"); }, {"values in Z_EFF", "expected HU"}},
        Fault{"coronal",
              [](auto slice, DcmDataset& d) {
                put(d, DCM_ImageOrientationPatient, "1\\0\\0\\0\\0\\-1");
                put_position(d, 0, 2.0 * static_cast<double>(slice), 0);
              },
              {"not axial: coronal", "90 degrees"}},
        Fault{"oblique",
              [](auto slice, DcmDataset& d) {
                put(d, DCM_ImageOrientationPatient, "1\\0\\0\\0\\0.9063078\\0.4226183");
                put_position(d, 0, -0.4226183 * 2 * static_cast<double>(slice),
                             0.9063078 * 2 * static_cast<double>(slice));
              },
              {"not axial: oblique", "25 degrees"}},
        Fault{"turned",
              [](auto, DcmDataset& d) {
                put(d, DCM_ImageOrientationPatient, "0.9063078\\0.4226183\\0\\-0.4226183\\0.9063078\\0");
              },
              {"turned by 25 degrees"}},
        Fault{"tilt",
              [](auto, DcmDataset& d) { put(d, DCM_ImageOrientationPatient, "1\\0\\0\\0\\0.9902681\\-0.1391731"); },
              {"gantry tilt", "8 degrees"}},
        Fault{"announced_tilt",
              [](auto, DcmDataset& d) { put(d, DCM_GantryDetectorTilt, "12.5"); },
              {"GantryDetectorTilt is 12.5"}},
        Fault{"missing",
              [](auto slice, DcmDataset& d) {
                put_position(d, 0, 0, 2.5 * static_cast<double>(slice > 6 ? slice + 2 : slice));
              },
              {"missing slices", "lies 7.5 mm", "expected 2.5 mm", "2 slices missing", "IM49", "IM42"}},
        Fault{
            "duplicate",
            [](auto slice, DcmDataset& d) { put_position(d, 0, 0, 2.5 * static_cast<double>(slice == 6 ? 7 : slice)); },
            {"duplicate slices", "IM42", "IM49"}},
        Fault{"uneven",
              [](auto slice, DcmDataset& d) {
                put_position(d, 0, 0, 2.5 * static_cast<double>(slice) + (slice > 6 ? 0.2 : 0));
              },
              {"uneven spacing", "2.7 mm", "expected 2.5 mm"}},
        Fault{"beside",
              [](auto slice, DcmDataset& d) {
                put_position(d, slice == 5 ? 1.5 : 0, 0, 2.5 * static_cast<double>(slice));
              },
              {"1.5 mm beside the line", "IM35"}},
        Fault{"orientations",
              [](auto slice, DcmDataset& d) {
                if (slice == 4) put(d, DCM_ImageOrientationPatient, "0\\1\\0\\0\\0\\-1");
              },
              {"several orientations"}},
        Fault{"sizes",
              [](auto slice, DcmDataset& d) {
                if (slice == 4) d.putAndInsertUint16(DCM_Rows, 8);
              },
              {"IM28 has 8 x 16 pixels", "expected 16 x 16"}},
        Fault{"spacings",
              [](auto slice, DcmDataset& d) {
                if (slice == 4) put(d, DCM_PixelSpacing, "0.75\\0.6");
              },
              {"pixel spacing", "expected 0.5 mm"}},
        Fault{"no_position",
              [](auto, DcmDataset& d) { d.findAndDeleteElement(DCM_ImagePositionPatient); },
              {"no ImagePositionPatient", "and 11 more"}},
        Fault{"no_orientation",
              [](auto, DcmDataset& d) { put(d, DCM_ImageOrientationPatient, "1\\0\\0\\1\\0\\0"); },
              {"no usable ImageOrientationPatient"}},
        Fault{"no_spacing",
              [](auto, DcmDataset& d) { d.findAndDeleteElement(DCM_PixelSpacing); },
              {"no positive PixelSpacing"}},
        Fault{"zero_spacing",
              [](auto, DcmDataset& d) { put(d, DCM_PixelSpacing, "0\\0.5"); },
              {"no positive PixelSpacing"}},
        Fault{
            "not_hu", [](auto, DcmDataset& d) { put(d, DCM_RescaleIntercept, "0"); }, {"values are not HU", "24 to "}},
        Fault{
            "bits", [](auto, DcmDataset& d) { d.putAndInsertUint16(DCM_HighBit, 3); }, {"12 bits stored up to bit 3"}}),
    [](const auto& parameter) { return parameter.param.name; });

TEST(DicomRefusal, TooFewSlicesIsSaidAfterWhatElseIsWrong) {
  const test::TemporaryFolder folder;
  test::write_series(folder / "short", {.slices = 9, .change = {}});
  EXPECT_THAT(refusal(folder / "short"), HasSubstr("short: 9 slices, expected at least 10"));
  test::write_series(folder / "tilted", {.slices = 4, .change = [](auto, DcmDataset& dataset) {
                                           put(dataset, DCM_ImageOrientationPatient,
                                               "1\\0\\0\\0\\0.9902681\\-0.1391731");
                                         }});
  const auto message = refusal(folder / "tilted");
  EXPECT_LT(message.find("gantry tilt"), message.find("4 slices, expected at least 10"));
  test::write_series(folder / "one",
                     {.slices = 4, .change = [](auto, DcmDataset& dataset) { put_position(dataset, 0, 0, 5); }});
  EXPECT_THAT(refusal(folder / "one"), HasSubstr("not a volume: all 4 slices lie at one position (5 mm)"));
}

/// A series straightened from a tilted gantry is derived, square, and read with a warning.
TEST(DicomRefusal, StraightenedTiltIsRead) {
  const test::TemporaryFolder folder;
  test::write_series(folder.path(), {.change = [](auto, DcmDataset& dataset) {
                       put(dataset, DCM_GantryDetectorTilt, "12.5");
                       put(dataset, DCM_ImageType, "DERIVED\\SECONDARY\\AXIAL");
                       put(dataset, DCM_LossyImageCompression, "01");
                     }});
  ScanReport report;
  (void)read_ct(folder.path(), {}, &report);
  EXPECT_THAT(report.warnings, testing::ElementsAre(HasSubstr("straightened"), HasSubstr("loss")));
}

/// A slice that is cut off is named, and so is the gap that it leaves.
TEST(DicomRefusal, TruncatedSlice) {
  const test::TemporaryFolder folder;
  for (const auto syntax : {EXS_LittleEndianExplicit, EXS_JPEGProcess14SV1, EXS_DeflatedLittleEndianExplicit}) {
    test::write_series(folder.path(), {.syntax = syntax, .change = {}});
    const auto file = folder / "IM35";
    std::filesystem::resize_file(file, std::filesystem::file_size(file) - 20);
    const auto message = refusal(folder.path());
    EXPECT_THAT(message, HasSubstr("missing slices"));
    EXPECT_THAT(message, HasSubstr("1 file not read, the first IM35: truncated"));
  }
}

/// Slices without pixels are no slices; the others are a series still.
TEST(DicomRefusal, SliceWithoutPixelsIsListed) {
  const test::TemporaryFolder folder;
  test::write_series(folder.path(), {.change = [](auto slice, DcmDataset& dataset) {
                       if (slice == 0) dataset.findAndDeleteElement(DCM_PixelData);
                     }});
  ScanReport report;
  EXPECT_EQ(read_ct(folder.path(), {}, &report).geometry.shape[0], 11);
  ASSERT_EQ(report.refused_files.size(), 1U);
  EXPECT_EQ(report.refused_files[0].why, "no pixel data");
}

/// Of several useless series the one that a user would miss is named first.
TEST(DicomRefusal, SeveralSeries) {
  const test::TemporaryFolder folder;
  auto note = test::make_slice(0, 0, [](DcmDataset& dataset) {
    put(dataset, DCM_SeriesInstanceUID, "1.2.3.0");
    put(dataset, DCM_Modality, "SR");
    dataset.findAndDeleteElement(DCM_PixelData);
  });
  test::save(note, folder / "note");
  test::write_series(folder / "short", {.slices = 9, .change = {}});
  EXPECT_THAT(refusal(folder.path()),
              HasSubstr("none of its 2 series can be screened: DICOM 'Thorax 2.5' (9 files) in short: 9 slices, "
                        "expected at least 10; "
                        "DICOM 'Thorax 2.5' (1 file) in note: modality SR, expected CT; no pixel data"));
  EXPECT_THAT(refusal(folder / "short" / "IM0"), HasSubstr("1 slice, expected at least 10 (give the folder"));
}

TEST(DicomRefusal, NothingThere) {
  const test::TemporaryFolder folder;
  EXPECT_THAT(refusal(folder / "absent"), HasSubstr("no such file or folder"));
  EXPECT_THAT(refusal(folder.path()), HasSubstr("an empty folder"));
  std::ofstream(folder / "notes") << "text";
  EXPECT_THAT(refusal(folder.path()), HasSubstr("no CT; 1 file not read, the first notes: of no format"));
  EXPECT_THROW((void)scan_ct(folder.path()), Error);
}

}  // namespace
}  // namespace pleura::scan
