#include "scan/dicom_header.hpp"

#include "scan/dicom_elements.hpp"
#include "scan/dicom_file.hpp"
#include "scan/dicom_syntax.hpp"
#include "scan/modality_lut.hpp"
#include "scan/text.hpp"

namespace pleura::scan {
namespace {

constexpr std::int64_t most_pixels_a_side = 8192;

/// Takes what an item says of a slice's place and values; what it does not say stays.
void take_geometry(const Elements& item, DicomFrame& frame) {
  if (const auto position = item.decimals<3>(DCM_ImagePositionPatient)) frame.position = position;
  if (const auto cosines = item.decimals<6>(DCM_ImageOrientationPatient)) {
    const auto& c = *cosines;
    frame.orientation = {{{c[0], c[1], c[2]}, {c[3], c[4], c[5]}}};
  }
  if (const auto spacing = item.decimals<2>(DCM_PixelSpacing)) frame.spacing = spacing;
  if (const auto slope = item.decimal(DCM_RescaleSlope)) frame.slope = *slope;
  if (const auto intercept = item.decimal(DCM_RescaleIntercept)) frame.intercept = *intercept;
  if (auto type = item.text(DCM_RescaleType); !type.empty()) frame.rescale_type = std::move(type);
  if (frame.slope == 0) throw UnreadableElement("RescaleSlope (0028,1053) is 0: every voxel would read alike");
}

/// The same from one item of the functional groups of an enhanced multi-frame file.
void take_functional_groups(const Elements& groups, DicomFrame& frame) {
  for (const auto& tag : {DCM_PlanePositionSequence, DCM_PlaneOrientationSequence, DCM_PixelMeasuresSequence,
                          DCM_PixelValueTransformationSequence})
    if (const auto group = groups.item(tag)) take_geometry(*group, frame);
}

std::vector<DicomFrame> frames_of(const Elements& elements, std::int64_t count) {
  DicomFrame shared;
  take_geometry(elements, shared);
  if (const auto groups = elements.item(DCM_SharedFunctionalGroupsSequence)) take_functional_groups(*groups, shared);
  std::vector<DicomFrame> frames(static_cast<std::size_t>(count), shared);
  const auto per_frame = elements.items(DCM_PerFrameFunctionalGroupsSequence);
  for (std::size_t i = 0; i < std::min(frames.size(), per_frame.size()); ++i)
    take_functional_groups(per_frame[i], frames[i]);
  return frames;
}

void require_whole_pixels(const DicomImage& image, const Elements& elements, const PixelData& pixels) {
  const auto& [rows, columns] = std::pair(image.rows, image.columns);
  if (rows < 1 || columns < 1 || rows > most_pixels_a_side || columns > most_pixels_a_side)
    throw dicom_refused(image.file.path(), std::to_string(rows) + " x " + std::to_string(columns) +
                                               " pixels, expected 1 to " + std::to_string(most_pixels_a_side) +
                                               " a side");
  if (pixels.fragments != nullptr) return;
  const auto frames = static_cast<std::int64_t>(image.frames.size());
  const std::int64_t expected =
      rows * columns * image.samples_per_pixel * frames * elements.word(DCM_BitsAllocated).value_or(16) / 8;
  if (pixels.element->getLength() < expected)
    throw dicom_refused(image.file.path(), "truncated: " + std::to_string(pixels.element->getLength()) +
                                               " bytes of pixels, expected " + std::to_string(expected) + " for " +
                                               std::to_string(rows) + " x " + std::to_string(columns) + " x " +
                                               counted(frames, "frame"));
}

/// The attribute of the data set, or of the reconstruction in its functional groups.
std::string kernel_of(const Elements& elements) {
  if (auto kernel = elements.text(DCM_ConvolutionKernel); !kernel.empty()) return kernel;
  const auto groups = elements.item(DCM_SharedFunctionalGroupsSequence);
  const auto reconstruction = groups ? groups->item(DCM_CTReconstructionSequence) : std::nullopt;
  return reconstruction ? reconstruction->text(DCM_ConvolutionKernel) : "";
}

/// Time of day of the acquisition; AcquisitionDateTime has the date before it.
std::string acquisition_time_of(const Elements& elements) {
  if (auto time = elements.text(DCM_AcquisitionTime); !time.empty()) return time;
  const auto whole = elements.text(DCM_AcquisitionDateTime);
  return whole.size() > 8 ? whole.substr(8) : "";
}

Provenance origin_of(const Elements& elements) {
  const std::string maker = elements.words(DCM_Manufacturer), model = elements.words(DCM_ManufacturerModelName);
  Provenance origin;
  origin.format = "DICOM";
  origin.series_uid = elements.text(DCM_SeriesInstanceUID);
  origin.study_uid = elements.text(DCM_StudyInstanceUID);
  origin.frame_of_reference_uid = elements.text(DCM_FrameOfReferenceUID);
  origin.study_date = elements.text(DCM_StudyDate);
  origin.series_description = elements.words(DCM_SeriesDescription);
  origin.kernel = kernel_of(elements);
  origin.scanner = maker + (maker.empty() || model.empty() ? "" : " ") + model;
  origin.patient_id = elements.words(DCM_PatientID);
  origin.patient_name = elements.words(DCM_PatientName);
  origin.accession_number = elements.words(DCM_AccessionNumber);
  return origin;
}

/// What the file is and whose: texts alone, which are never unreadable.
void take_identity(const Elements& elements, DicomImage& image) {
  image.origin = origin_of(elements);
  image.sop_instance_uid = elements.text(DCM_SOPInstanceUID);
  image.body_part = elements.text(DCM_BodyPartExamined);
  image.protocol = elements.text(DCM_ProtocolName);
  image.study_description = elements.text(DCM_StudyDescription);
  image.photometric = elements.text(DCM_PhotometricInterpretation);
  image.image_type = elements.texts(DCM_ImageType);
  image.lossy = elements.text(DCM_LossyImageCompression) == "01";
  image.has_pixels = elements.has(DCM_PixelData);
  image.acquisition_time = acquisition_time_of(elements);
  std::string image_type;
  for (const auto& value : image.image_type) image_type += (image_type.empty() ? "" : "\\") + value;
  image.traits = {{"ConvolutionKernel", image.origin.kernel},
                  {"KVP", elements.text(DCM_KVP)},
                  {"AcquisitionNumber", elements.text(DCM_AcquisitionNumber)},
                  {"EchoTime", elements.text(DCM_EchoTime)},
                  {"ContrastBolusAgent", elements.words(DCM_ContrastBolusAgent)},
                  {"ImageType", image_type}};
}

/// Elements that only help: one that is unreadable counts as absent, with a warning.
void take_hints(const Elements& elements, DicomImage& image) {
  const auto hint = [&](auto&& take) {
    try {
      take();
    } catch (const UnreadableElement& error) {
      image.warnings.push_back(std::string(error.what()) + ": taken as absent");
    }
  };
  hint([&] { image.series_number = elements.integer(DCM_SeriesNumber).value_or(0); });
  hint([&] { image.instance_number = elements.integer(DCM_InstanceNumber).value_or(0); });
  hint([&] { image.gantry_tilt = elements.decimal(DCM_GantryDetectorTilt); });
}

/// What the series is built from. Throws UnreadableElement, or input_refused where the file is not whole.
void take_slices(const Elements& elements, DcmDataset& dataset, DicomImage& image) {
  image.rows = elements.word(DCM_Rows).value_or(0);
  image.columns = elements.word(DCM_Columns).value_or(0);
  image.samples_per_pixel = elements.word(DCM_SamplesPerPixel).value_or(1);
  constexpr std::int64_t most_frames = 100000;
  const std::int64_t count = elements.integer(DCM_NumberOfFrames).value_or(1);
  if (count < 1 || count > most_frames)
    throw dicom_refused(image.file.path(), counted(count, "frame") + ", expected 1 to " + std::to_string(most_frames));
  const PixelData pixels = find_pixels(image.file.path(), dataset, count);
  image.frames = frames_of(elements, count);
  if (pixels.fragments != nullptr) image.held_bytes = image.file.size();
  if (dataset.getOriginalXfer() == EXS_DeflatedLittleEndianExplicit && pixels.element != nullptr)
    image.held_bytes = pixels.element->getLength();
  if (image.has_pixels) require_whole_pixels(image, elements, pixels);
  if (modality_lut_of(elements, false)) image.warnings.emplace_back("HU come from the ModalityLUTSequence");
}

/// A data set that lies in another syntax than its header says.
void compare_syntaxes(DcmFileFormat& format, DicomImage& image) {
  const std::string declared = declared_syntax(format);
  image.transfer_syntax = transfer_syntax_name(declared);
  const DcmXfer found(format.getDataset()->getOriginalXfer());
  if (!declared.empty() && readable_syntax(declared) != found.getXfer())
    image.warnings.push_back("the header declares " + image.transfer_syntax + ", but the data set is " +
                             found.getXferName() + ": read as it is");
}

}  // namespace

std::optional<DicomImage> read_dicom_header(const InputFile& file, std::int64_t most_held) {
  const auto format = open_dicom(file, most_held);
  DcmDataset& dataset = *format->getDataset();
  const Elements elements(dataset, dataset.getOriginalXfer());
  DicomImage image;
  image.file = file;
  image.sop_class_uid = elements.text(DCM_SOPClassUID);
  if (image.sop_class_uid.empty())
    image.sop_class_uid = Elements(*format->getMetaInfo(), EXS_LittleEndianExplicit).text(DCM_MediaStorageSOPClassUID);
  if (image.sop_class_uid == UID_MediaStorageDirectoryStorage) return std::nullopt;
  image.modality = elements.text(DCM_Modality);
  if (image.modality.empty() && image.sop_class_uid.empty())
    throw dicom_refused(file.path(), "neither Modality nor SOP class, expected a DICOM image");
  compare_syntaxes(*format, image);
  take_identity(elements, image);
  take_hints(elements, image);
  image.frames.resize(1);  // of a file at fault: it is there, though nothing of it counts
  try {
    take_slices(elements, dataset, image);
  } catch (const UnreadableElement& error) {
    image.fault = error.what();
  }
  return image;
}

}  // namespace pleura::scan
