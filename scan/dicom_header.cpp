#include "scan/dicom_header.hpp"

#include <cmath>

#include "scan/dicom_file.hpp"
#include "scan/text.hpp"

namespace pleura::scan {
namespace {

constexpr std::int64_t most_pixels_a_side = 8192;

std::string text_of(DcmItem& item, const DcmTagKey& tag, unsigned long position = 0) {
  OFString value;
  if (item.findAndGetOFString(tag, value, position).bad()) return {};
  return printable({value.c_str(), value.length()});
}

std::optional<double> number_of(DcmItem& item, const DcmTagKey& tag, unsigned long position = 0) {
  Float64 value = 0;
  if (item.findAndGetFloat64(tag, value, position).good() && std::isfinite(value)) return value;
  return std::nullopt;
}

std::int64_t whole_of(DcmItem& item, const DcmTagKey& tag, std::int64_t absent) {
  Uint16 value = 0;
  return item.findAndGetUint16(tag, value).good() ? value : absent;
}

/// An integer string (IS), which DCMTK does not take for a number with a point.
std::optional<long> integer_of(DcmItem& item, const DcmTagKey& tag) {
  Sint32 value = 0;
  if (item.findAndGetSint32(tag, value).good()) return value;
  return std::nullopt;
}

/// All of an attribute's first N numbers, or nothing.
template <std::size_t N>
std::optional<std::array<double, N>> numbers_of(DcmItem& item, const DcmTagKey& tag) {
  std::array<double, N> values{};
  for (std::size_t i = 0; i < N; ++i) {
    const auto value = number_of(item, tag, static_cast<unsigned long>(i));
    if (!value) return std::nullopt;
    values[i] = *value;
  }
  return values;
}

/// Takes what an item says of a slice's place and values; what it does not say stays.
void take_geometry(DcmItem& item, DicomFrame& frame) {
  if (const auto position = numbers_of<3>(item, DCM_ImagePositionPatient)) frame.position = position;
  if (const auto cosines = numbers_of<6>(item, DCM_ImageOrientationPatient)) {
    const auto& c = *cosines;
    frame.orientation = {{{c[0], c[1], c[2]}, {c[3], c[4], c[5]}}};
  }
  if (const auto spacing = numbers_of<2>(item, DCM_PixelSpacing)) frame.spacing = spacing;
  if (const auto slope = number_of(item, DCM_RescaleSlope)) frame.slope = *slope;
  if (const auto intercept = number_of(item, DCM_RescaleIntercept)) frame.intercept = *intercept;
  if (auto type = text_of(item, DCM_RescaleType); !type.empty()) frame.rescale_type = std::move(type);
}

/// The same from one item of the functional groups of an enhanced multi-frame file.
void take_functional_groups(DcmItem& groups, DicomFrame& frame) {
  for (const auto& tag : {DCM_PlanePositionSequence, DCM_PlaneOrientationSequence, DCM_PixelMeasuresSequence,
                          DCM_PixelValueTransformationSequence}) {
    DcmItem* group = nullptr;
    if (groups.findAndGetSequenceItem(tag, group, 0).good() && group != nullptr) take_geometry(*group, frame);
  }
}

std::vector<DicomFrame> frames_of(DcmDataset& dataset, std::int64_t count) {
  DicomFrame shared;
  take_geometry(dataset, shared);
  DcmItem* groups = nullptr;
  if (dataset.findAndGetSequenceItem(DCM_SharedFunctionalGroupsSequence, groups, 0).good() && groups != nullptr)
    take_functional_groups(*groups, shared);
  std::vector<DicomFrame> frames(static_cast<std::size_t>(count), shared);
  DcmSequenceOfItems* per_frame = nullptr;
  if (dataset.findAndGetSequence(DCM_PerFrameFunctionalGroupsSequence, per_frame).bad() || per_frame == nullptr)
    return frames;
  DcmObject* item = nullptr;
  for (auto& frame : frames) {
    item = per_frame->nextInContainer(item);
    auto* own = dynamic_cast<DcmItem*>(item);
    if (own == nullptr) break;
    take_functional_groups(*own, frame);
  }
  return frames;
}

std::vector<std::string> image_type_of(DcmDataset& dataset) {
  std::vector<std::string> values;
  for (unsigned long i = 0; i < 8; ++i) {
    auto value = text_of(dataset, DCM_ImageType, i);
    if (value.empty()) break;
    values.push_back(std::move(value));
  }
  return values;
}

void require_whole_pixels(const DicomImage& image, DcmDataset& dataset, const PixelData& pixels) {
  const auto& [rows, columns] = std::pair(image.rows, image.columns);
  if (rows < 1 || columns < 1 || rows > most_pixels_a_side || columns > most_pixels_a_side)
    throw dicom_refused(image.file.path(), std::to_string(rows) + " x " + std::to_string(columns) +
                                               " pixels, expected 1 to " + std::to_string(most_pixels_a_side) +
                                               " a side");
  if (pixels.fragments != nullptr) return;
  const auto frames = static_cast<std::int64_t>(image.frames.size());
  const std::int64_t expected =
      rows * columns * image.samples_per_pixel * frames * whole_of(dataset, DCM_BitsAllocated, 16) / 8;
  if (pixels.element->getLength() < expected)
    throw dicom_refused(image.file.path(), "truncated: " + std::to_string(pixels.element->getLength()) +
                                               " bytes of pixels, expected " + std::to_string(expected) + " for " +
                                               std::to_string(rows) + " x " + std::to_string(columns) + " x " +
                                               counted(frames, "frame"));
}

}  // namespace

std::optional<DicomImage> read_dicom_header(const InputFile& file) {
  const auto format = open_dicom(file);
  DcmDataset& dataset = *format->getDataset();
  DicomImage image;
  image.file = file;
  image.sop_class_uid = text_of(dataset, DCM_SOPClassUID);
  if (image.sop_class_uid.empty() && format->getMetaInfo() != nullptr)
    image.sop_class_uid = text_of(*format->getMetaInfo(), DCM_MediaStorageSOPClassUID);
  if (image.sop_class_uid == UID_MediaStorageDirectoryStorage) return std::nullopt;
  image.modality = text_of(dataset, DCM_Modality);
  if (image.modality.empty() && image.sop_class_uid.empty())
    throw dicom_refused(file.path(), "neither Modality nor SOP class, expected a DICOM image");
  image.series_uid = text_of(dataset, DCM_SeriesInstanceUID);
  image.study_uid = text_of(dataset, DCM_StudyInstanceUID);
  image.description = text_of(dataset, DCM_SeriesDescription);
  image.body_part = text_of(dataset, DCM_BodyPartExamined);
  image.protocol = text_of(dataset, DCM_ProtocolName);
  image.study_description = text_of(dataset, DCM_StudyDescription);
  image.photometric = text_of(dataset, DCM_PhotometricInterpretation);
  image.transfer_syntax = DcmXfer(dataset.getOriginalXfer()).getXferName();
  image.image_type = image_type_of(dataset);
  image.series_number = integer_of(dataset, DCM_SeriesNumber).value_or(0);
  image.rows = whole_of(dataset, DCM_Rows, 0);
  image.columns = whole_of(dataset, DCM_Columns, 0);
  image.samples_per_pixel = whole_of(dataset, DCM_SamplesPerPixel, 1);
  image.lossy = text_of(dataset, DCM_LossyImageCompression) == "01";
  image.gantry_tilt = number_of(dataset, DCM_GantryDetectorTilt);

  constexpr std::int64_t most_frames = 100000;
  const std::int64_t count = integer_of(dataset, DCM_NumberOfFrames).value_or(1);
  if (count < 1 || count > most_frames)
    throw dicom_refused(file.path(), counted(count, "frame") + ", expected 1 to " + std::to_string(most_frames));
  const PixelData pixels = find_pixels(file.path(), dataset, count);
  image.has_pixels = pixels.element != nullptr;
  image.frames = frames_of(dataset, count);
  if (image.has_pixels) require_whole_pixels(image, dataset, pixels);
  return image;
}

}  // namespace pleura::scan
