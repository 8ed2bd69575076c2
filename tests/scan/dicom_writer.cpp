#include "tests/scan/dicom_writer.hpp"

#include <dcmtk/dcmdata/dcrleerg.h>
#include <dcmtk/dcmdata/dcrlerp.h>
#include <dcmtk/dcmjpeg/djencode.h>
#include <dcmtk/dcmjpeg/djrplol.h>
#include <dcmtk/dcmjpls/djencode.h>
#include <dcmtk/dcmjpls/djrparam.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>

namespace pleura::scan::test {
namespace {

std::unique_ptr<DcmRepresentationParameter> parameter_of(E_TransferSyntax syntax) {
  if (syntax == EXS_RLELossless) return std::make_unique<DcmRLERepresentationParameter>();
  if (syntax == EXS_JPEGLSLossless) return std::make_unique<DJLSRepresentationParameter>(0, OFTrue);
  return std::make_unique<DJ_RPLossless>();
}

void register_encoders() {
  static const bool once = [] {
    DJEncoderRegistration::registerCodecs();
    DJLSEncoderRegistration::registerCodecs();
    DcmRLEEncoderRegistration::registerCodecs();
    return true;
  }();
  (void)once;
}

}  // namespace

std::int16_t phantom_hu(std::int64_t slice, std::int64_t row, std::int64_t column) {
  const bool tissue = row >= 3 && row < 12 && column >= 4 && column < 13;
  return static_cast<std::int16_t>(tissue ? 10 * row + column : -1000 + 2 * slice + row % 2);
}

void put(DcmItem& item, const DcmTagKey& tag, const std::string& value) {
  ASSERT_TRUE(item.putAndInsertString(tag, value.c_str()).good()) << DcmTag(tag).getTagName();
}

void put_pixels(DcmItem& item, const std::vector<std::uint16_t>& words) {
  ASSERT_TRUE(item.putAndInsertUint16Array(DCM_PixelData, words.data(), words.size()).good());
}

DcmFileFormat make_slice(std::int64_t slice, double z, const Change& change) {
  DcmFileFormat file;
  DcmDataset& dataset = *file.getDataset();
  put(dataset, DCM_SOPClassUID, UID_CTImageStorage);
  put(dataset, DCM_SOPInstanceUID, "1.2.3.4." + std::to_string(slice + 1));
  put(dataset, DCM_StudyInstanceUID, "1.2.3");
  put(dataset, DCM_SeriesInstanceUID, "1.2.3.1");
  put(dataset, DCM_SeriesDescription, "Thorax 2.5");
  put(dataset, DCM_Modality, "CT");
  put(dataset, DCM_ImageType, "ORIGINAL\\PRIMARY\\AXIAL");
  put(dataset, DCM_ImagePositionPatient, "-10\\-20\\" + std::to_string(z));
  put(dataset, DCM_ImageOrientationPatient, "1\\0\\0\\0\\1\\0");
  put(dataset, DCM_PixelSpacing, "0.75\\0.5");
  put(dataset, DCM_SliceThickness, "7");
  put(dataset, DCM_RescaleSlope, "1");
  put(dataset, DCM_RescaleIntercept, "-1024");
  put(dataset, DCM_PhotometricInterpretation, "MONOCHROME2");
  const auto number = [&](const DcmTagKey& tag, Uint16 value) {
    ASSERT_TRUE(dataset.putAndInsertUint16(tag, value).good());
  };
  number(DCM_SamplesPerPixel, 1);
  number(DCM_Rows, side);
  number(DCM_Columns, side);
  number(DCM_BitsAllocated, 16);
  number(DCM_BitsStored, 12);
  number(DCM_HighBit, 11);
  number(DCM_PixelRepresentation, 0);
  std::vector<std::uint16_t> words;
  for (std::int64_t row = 0; row < side; ++row)
    for (std::int64_t column = 0; column < side; ++column)
      words.push_back(static_cast<std::uint16_t>(phantom_hu(slice, row, column) + 1024));
  put_pixels(dataset, words);
  if (change) change(dataset);
  return file;
}

void save(DcmFileFormat& file, const std::filesystem::path& path, E_TransferSyntax syntax) {
  register_encoders();
  if (DcmXfer(syntax).isEncapsulated()) {
    ASSERT_TRUE(file.getDataset()->chooseRepresentation(syntax, parameter_of(syntax).get()).good());
  }
  const OFCondition saved = file.saveFile(path.c_str(), syntax);
  ASSERT_TRUE(saved.good()) << path << ": " << saved.text();
}

void declare_syntax(const std::filesystem::path& file, const std::string& uid) {
  std::ifstream in(file, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  in.close();
  const auto at = bytes.find(std::string("\x02\0\x10\0UI", 6));
  ASSERT_NE(at, std::string::npos);
  const auto old_length = static_cast<std::size_t>(static_cast<unsigned char>(bytes[at + 6]));
  const std::string value = uid + std::string(uid.size() % 2, '\0');
  bytes[at + 6] = static_cast<char>(value.size());
  bytes.replace(at + 8, old_length, value);
  bytes[140] = static_cast<char>(bytes[140] + static_cast<int>(value.size()) - static_cast<int>(old_length));
  std::ofstream(file, std::ios::binary) << bytes;
}

void write_series(const std::filesystem::path& folder, const SeriesOptions& options) {
  std::filesystem::create_directories(folder);
  for (std::int64_t slice = 0; slice < options.slices; ++slice) {
    auto file = make_slice(slice, -100 + 2.5 * static_cast<double>(slice), [&](DcmDataset& dataset) {
      if (options.change) options.change(slice, dataset);
    });
    save(file, folder / ("IM" + std::to_string(slice * 7 % 100)), options.syntax);
  }
}

}  // namespace pleura::scan::test
