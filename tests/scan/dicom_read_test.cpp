/// DICOM series that must read: order, geometry, values, in every transfer syntax and word layout.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "pleura/pleura.hpp"
#include "tests/scan/dicom_writer.hpp"
#include "tests/scan/temporary_folder.hpp"

namespace pleura::scan {
namespace {

using test::phantom_hu;
using test::put;
using test::side;
using ::testing::HasSubstr;

ReadOptions on_threads(int threads) {
  ReadOptions options;
  options.threads = threads;
  return options;
}

/// Every voxel is the phantom's.
void expect_phantom(const Volume& volume) {
  for (std::int64_t z = 0; z < volume.geometry.shape[0]; ++z)
    for (std::int64_t y = 0; y < side; ++y)
      for (std::int64_t x = 0; x < side; ++x)
        ASSERT_EQ(volume.hu[(z * side + y) * side + x], phantom_hu(z, y, x)) << z << " " << y << " " << x;
}

TEST(DicomRead, OrdersByPositionAndMeasuresSpacing) {
  const test::TemporaryFolder folder;
  test::write_series(folder.path());
  const Volume volume = read_ct(folder.path());
  const Geometry expected{.shape = {12, side, side}, .spacing = {2.5, 0.75, 0.5}, .origin = {-10, -20, -100}};
  EXPECT_EQ(volume.geometry, expected);
  EXPECT_EQ(volume.provenance.value().series_uid, "1.2.3.1");
  expect_phantom(volume);
}

TEST(DicomRead, ReportsWhatItFound) {
  const test::TemporaryFolder folder;
  test::write_series(folder / "a" / "b");
  std::ofstream(folder / "notes.txt") << "not a CT";
  auto directory = test::make_slice(
      0, 0, [](DcmDataset& dataset) { put(dataset, DCM_SOPClassUID, UID_MediaStorageDirectoryStorage); });
  test::save(directory, folder / "DICOMDIR");  // silently passed over
  std::filesystem::copy(folder / "a" / "b" / "IM0", folder / "cut.dcm");
  std::filesystem::resize_file(folder / "cut.dcm", 700);
  const auto report = scan_ct(folder.path());
  ASSERT_EQ(report.series.size(), 1U);
  EXPECT_TRUE(report.series[0].chosen);
  EXPECT_EQ(report.series[0].why, "the only series");
  EXPECT_EQ(report.series[0].description, "Thorax 2.5");
  EXPECT_EQ(report.series[0].files, 12);
  EXPECT_EQ(report.series[0].geometry->shape, (Index3{12, side, side}));
  ASSERT_EQ(report.refused_files.size(), 2U);
  EXPECT_EQ(report.refused_files[0].path.filename(), "cut.dcm");
  EXPECT_THAT(report.refused_files[0].why, HasSubstr("truncated"));
  expect_phantom(read_ct(folder.path()));
}

class DicomSyntax : public testing::TestWithParam<E_TransferSyntax> {};

TEST_P(DicomSyntax, DecodesExactly) {
  const test::TemporaryFolder folder;
  test::write_series(folder.path(), {.syntax = GetParam(), .change = {}});
  expect_phantom(read_ct(folder.path(), on_threads(3)));
}

INSTANTIATE_TEST_SUITE_P(All, DicomSyntax,
                         testing::Values(EXS_LittleEndianImplicit, EXS_LittleEndianExplicit, EXS_BigEndianExplicit,
                                         EXS_DeflatedLittleEndianExplicit, EXS_RLELossless, EXS_JPEGProcess14,
                                         EXS_JPEGProcess14SV1, EXS_JPEGLSLossless),
                         [](const auto& parameter) {
                           std::string name = DcmXfer(parameter.param).getXferID();
                           std::replace(name.begin(), name.end(), '.', '_');
                           return "syntax_" + name;
                         });

/// Slices turned in the scanner: read backwards and upside down, they are the same patient.
TEST(DicomRead, TurnsProneSlices) {
  const test::TemporaryFolder folder;
  test::write_series(folder.path(), {.change = [](std::int64_t, DcmDataset& dataset) {
                       put(dataset, DCM_ImageOrientationPatient, "-1\\0\\0\\0\\-1\\0");
                     }});
  const Volume volume = read_ct(folder.path());
  EXPECT_EQ(volume.geometry.origin, (Point3{-10 - 0.5 * (side - 1), -20 - 0.75 * (side - 1), -100}));
  EXPECT_EQ(volume.geometry.direction, Geometry{}.direction);
  for (std::int64_t x = 0; x < side; ++x) EXPECT_EQ(volume.hu[x], phantom_hu(0, side - 1, side - 1 - x));
}

/// Rows that run from the head's side down: the normal points to the feet.
TEST(DicomRead, TurnsSlicesSeenFromAbove) {
  const test::TemporaryFolder folder;
  test::write_series(folder.path(), {.change = [](std::int64_t, DcmDataset& dataset) {
                       put(dataset, DCM_ImageOrientationPatient, "-1\\0\\0\\0\\1\\0");
                     }});
  const Volume volume = read_ct(folder.path());
  EXPECT_EQ(volume.geometry.origin[2], -100);
  EXPECT_EQ(volume.geometry.spacing, (std::array{2.5, 0.75, 0.5}));
  EXPECT_EQ(volume.hu[(3 * side + 5) * side + 2], phantom_hu(3, 5, side - 3));
}

/// What results and DICOM output need to know; the slices by rising z of the volume, however the file orders them.
TEST(DicomRead, SaysWhereItComesFrom) {
  const test::TemporaryFolder folder;
  for (const bool from_above : {false, true}) {
    test::write_series(folder.path(), {.change = [&](std::int64_t slice, DcmDataset& dataset) {
                         put(dataset, DCM_FrameOfReferenceUID, "1.2.3.77");
                         put(dataset, DCM_StudyDate, "20260102");
                         put(dataset, DCM_ConvolutionKernel, "B70f");
                         put(dataset, DCM_Manufacturer, "Maker");
                         put(dataset, DCM_ManufacturerModelName, "Model");
                         put(dataset, DCM_PatientID, "P1");
                         put(dataset, DCM_PatientName, "Doe^Jane");
                         put(dataset, DCM_AccessionNumber, "A7");
                         put(dataset, DCM_InstanceNumber, std::to_string(100 - slice));
                         if (from_above) put(dataset, DCM_ImageOrientationPatient, "-1\\0\\0\\0\\1\\0");
                       }});
    const Provenance said = read_ct(folder.path()).provenance.value();
    EXPECT_EQ(said.study_uid, "1.2.3");
    EXPECT_EQ(said.frame_of_reference_uid, "1.2.3.77");
    EXPECT_EQ(said.study_date, "20260102");
    EXPECT_EQ(said.series_description, "Thorax 2.5");
    EXPECT_EQ(said.kernel, "B70f");
    EXPECT_EQ(said.scanner, "Maker Model");
    EXPECT_EQ(said.patient_id, "P1");
    EXPECT_EQ(said.patient_name, "Doe^Jane");
    EXPECT_EQ(said.accession_number, "A7");
    EXPECT_EQ(said.files, 12);
    EXPECT_EQ(said.file_flip[0], from_above);
    ASSERT_EQ(said.slices.size(), 12U);
    for (std::int64_t z = 0; z < 12; ++z) {
      EXPECT_EQ(said.slices[z].sop_instance_uid, "1.2.3.4." + std::to_string(z + 1));
      EXPECT_EQ(said.slices[z].sop_class_uid, UID_CTImageStorage);
      EXPECT_EQ(said.slices[z].instance_number, 100 - z);
      EXPECT_EQ(said.slices[z].frame, 0);
    }
  }
}

/// How stored words become HU.
struct Words {
  const char* name;
  Uint16 stored, high_bit, representation;
  const char* slope;
  const char* intercept;
  std::function<std::uint16_t(int hu)> word;
};

class DicomWords : public testing::TestWithParam<Words> {};

TEST_P(DicomWords, AreUnpacked) {
  const test::TemporaryFolder folder;
  const Words& words = GetParam();
  test::write_series(folder.path(), {.change = [&](std::int64_t slice, DcmDataset& dataset) {
                       dataset.putAndInsertUint16(DCM_BitsStored, words.stored);
                       dataset.putAndInsertUint16(DCM_HighBit, words.high_bit);
                       dataset.putAndInsertUint16(DCM_PixelRepresentation, words.representation);
                       put(dataset, DCM_RescaleSlope, words.slope);
                       put(dataset, DCM_RescaleIntercept, words.intercept);
                       std::vector<std::uint16_t> pixels;
                       for (std::int64_t row = 0; row < side; ++row)
                         for (std::int64_t column = 0; column < side; ++column)
                           pixels.push_back(words.word(phantom_hu(slice, row, column)));
                       test::put_pixels(dataset, pixels);
                     }});
  expect_phantom(read_ct(folder.path()));
}

INSTANTIATE_TEST_SUITE_P(
    All, DicomWords,
    testing::Values(Words{"signed16", 16, 15, 1, "1", "0", [](int hu) { return static_cast<std::uint16_t>(hu); }},
                    Words{"signed12_overlay_above", 12, 11, 1, "1", "0",
                          [](int hu) { return static_cast<std::uint16_t>((hu & 0xFFF) | (hu & 1 ? 0xA000 : 0)); }},
                    Words{"unsigned12_high", 12, 15, 0, "1", "-1024",
                          [](int hu) { return static_cast<std::uint16_t>((hu + 1024) << 4 | 0xB); }},
                    Words{"unsigned16_slope", 16, 15, 0, "0.5", "-1024",
                          [](int hu) { return static_cast<std::uint16_t>(2 * (hu + 1024)); }}),
    [](const auto& parameter) { return parameter.param.name; });

TEST(DicomRead, EightBits) {
  const test::TemporaryFolder folder;
  test::write_series(
      folder.path(), {.change = [](std::int64_t, DcmDataset& dataset) {
        for (const auto& [tag, value] : {std::pair{DCM_BitsAllocated, 8}, {DCM_BitsStored, 8}, {DCM_HighBit, 7}})
          dataset.putAndInsertUint16(tag, static_cast<Uint16>(value));
        put(dataset, DCM_RescaleSlope, "10");
        std::vector<Uint8> bytes(side * side, 2);  // -1004
        std::fill_n(bytes.begin() + 64, 100, Uint8{105});
        dataset.putAndInsertUint8Array(DCM_PixelData, bytes.data(), bytes.size());
      }});
  const Volume volume = read_ct(folder.path());
  EXPECT_EQ(volume.hu[0], -1004);
  EXPECT_EQ(volume.hu[100], 26);
}

/// Padding, declared or only far below air, reads as the floor; a padding value that is tissue is ignored.
TEST(DicomRead, PaddingOutsideTheFieldOfView) {
  const auto read_with = [](const char* intercept, std::uint16_t corner, std::optional<Sint16> padding,
                            std::optional<Sint16> limit) {
    const test::TemporaryFolder folder;
    test::write_series(
        folder.path(), {.change = [&](std::int64_t slice, DcmDataset& dataset) {
          dataset.putAndInsertUint16(DCM_BitsStored, 16);
          dataset.putAndInsertUint16(DCM_HighBit, 15);
          dataset.putAndInsertUint16(DCM_PixelRepresentation, 1);
          put(dataset, DCM_RescaleIntercept, intercept);
          std::vector<std::uint16_t> words;
          for (std::int64_t i = 0; i < side * side; ++i)
            words.push_back(static_cast<std::uint16_t>(phantom_hu(slice, i / side, i % side) - std::stoi(intercept)));
          words[0] = corner;
          test::put_pixels(dataset, words);
          if (padding) dataset.putAndInsertSint16(DCM_PixelPaddingValue, *padding);
          if (limit) dataset.putAndInsertSint16(DCM_PixelPaddingRangeLimit, *limit);
        }});
    const Volume volume = read_ct(folder.path());
    EXPECT_EQ(volume.hu[5 * side + 5], phantom_hu(0, 5, 5));
    return volume.hu[0];
  };
  EXPECT_EQ(read_with("-1024", static_cast<std::uint16_t>(-2000), -2000, {}), -1024);  // -3024 HU
  EXPECT_EQ(read_with("0", static_cast<std::uint16_t>(-2000), {}, {}), -1024);
  EXPECT_EQ(read_with("0", 32767, 32767, {}), -1024);  // padding above everything
  EXPECT_EQ(read_with("0", 32700, 32767, 32600), -1024);
  EXPECT_EQ(read_with("0", 55, 55, {}), 55);  // phantom_hu(0, 5, 5) is 55: the file is wrong, the patient stays
}

/// All slices in one enhanced file: geometry and rescaling from its functional groups, per frame.
TEST(DicomRead, EnhancedMultiFrame) {
  const test::TemporaryFolder folder;
  constexpr int frames = 11;
  for (const auto syntax : {EXS_LittleEndianExplicit, EXS_RLELossless, EXS_JPEGProcess14SV1}) {
    auto file = test::make_slice(0, 0, [&](DcmDataset& dataset) {
      put(dataset, DCM_SOPClassUID, UID_EnhancedCTImageStorage);
      for (const auto& tag : {DCM_ImagePositionPatient, DCM_ImageOrientationPatient, DCM_PixelSpacing, DCM_RescaleSlope,
                              DCM_RescaleIntercept})
        dataset.findAndDeleteElement(tag);
      put(dataset, DCM_NumberOfFrames, std::to_string(frames));
      const auto group = [&](const DcmTagKey& where, long item, const DcmTagKey& sequence) {
        DcmItem* groups = nullptr;
        DcmItem* inner = nullptr;
        dataset.findOrCreateSequenceItem(where, groups, item);
        groups->findOrCreateSequenceItem(sequence, inner, 0);
        return inner;
      };
      put(*group(DCM_SharedFunctionalGroupsSequence, 0, DCM_PlaneOrientationSequence), DCM_ImageOrientationPatient,
          "1\\0\\0\\0\\1\\0");
      put(*group(DCM_SharedFunctionalGroupsSequence, 0, DCM_PixelMeasuresSequence), DCM_PixelSpacing, "0.75\\0.5");
      std::vector<std::uint16_t> words;
      for (int frame = 0; frame < frames; ++frame) {
        const int slice = frames - 1 - frame;  // stored from the head down
        put(*group(DCM_PerFrameFunctionalGroupsSequence, frame, DCM_PlanePositionSequence), DCM_ImagePositionPatient,
            "-10\\-20\\" + std::to_string(2 * slice));
        auto* values = group(DCM_PerFrameFunctionalGroupsSequence, frame, DCM_PixelValueTransformationSequence);
        put(*values, DCM_RescaleSlope, "1");
        put(*values, DCM_RescaleIntercept, std::to_string(-1024 - frame));
        put(*values, DCM_RescaleType, "HU");
        for (std::int64_t i = 0; i < side * side; ++i)
          words.push_back(static_cast<std::uint16_t>(phantom_hu(slice, i / side, i % side) + 1024 + frame));
      }
      test::put_pixels(dataset, words);
    });
    test::save(file, folder / "enhanced", syntax);
    const Volume volume = read_ct(folder / "enhanced", on_threads(2));
    EXPECT_EQ(volume.geometry.shape, (Index3{frames, side, side}));
    EXPECT_EQ(volume.geometry.spacing, (std::array{2.0, 0.75, 0.5}));
    EXPECT_EQ(volume.geometry.origin, (Point3{-10, -20, 0}));
    expect_phantom(volume);
    EXPECT_EQ(volume.provenance.value().slices.front().frame, frames);
  }
}

}  // namespace
}  // namespace pleura::scan
