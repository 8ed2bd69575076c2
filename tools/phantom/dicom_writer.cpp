#include "phantom/dicom_writer.hpp"

#ifdef PLEURA_WITH_DICOM

#include <dcmtk/dcmdata/dcostrmb.h>

#include <cstdio>
#include <new>

#include "files/replace.hpp"
#include "phantom/random.hpp"
#include "scan/dicom_file.hpp"

namespace pleura::phantom {

namespace {

constexpr int intercept = -1024;
constexpr const char* date = "20200101";
constexpr const char* time_of_day = "120000";

// A UID under 2.25, the root for numbers that need no registration (DICOM PS3.5, annex B.2).
std::string uid(std::uint64_t content, std::uint64_t purpose) {
  return "2.25." + std::to_string(mix(content ^ mix(purpose)));
}

std::uint64_t content_hash(const Volume& volume) {
  std::uint64_t hash = 0;
  const auto add = [&](std::uint64_t value) { hash = mix(hash ^ value); };
  for (const auto size : volume.geometry.shape) add(static_cast<std::uint64_t>(size));
  for (const double step : volume.geometry.spacing) add(static_cast<std::uint64_t>(std::llround(step * 1e6)));
  for (const std::int16_t value : volume.hu) hash = (hash ^ static_cast<std::uint16_t>(value)) * 0x100000001b3ULL;
  return mix(hash);
}

// Decimal strings hold at most 16 characters.
std::string decimal(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.10g", value);
  return text;
}

/// DCMTK calls the stream invalid where it has no room for a value.
void require_memory_for(const OFCondition& condition) {
  if (condition == EC_MemoryExhausted || condition == EC_InvalidStream) throw std::bad_alloc();
}

class Header {
 public:
  explicit Header(DcmDataset& dataset) : dataset_(dataset) {}

  void text(const DcmTagKey& key, DcmEVR vr, const std::string& value) {
    check(dataset_.putAndInsertString(DcmTag(key, vr), value.c_str()), key);
  }
  void number(const DcmTagKey& key, std::int64_t value) {
    check(dataset_.putAndInsertUint16(DcmTag(key, EVR_US), static_cast<Uint16>(value)), key);
  }
  void signed_number(const DcmTagKey& key, int value) {
    check(dataset_.putAndInsertSint16(DcmTag(key, EVR_SS), static_cast<Sint16>(value)), key);
  }
  void pixels(const std::vector<std::uint16_t>& values) {
    check(dataset_.putAndInsertUint16Array(DcmTag(DCM_PixelData, EVR_OW), values.data(), values.size()), DCM_PixelData);
  }

 private:
  static void check(const OFCondition& condition, const DcmTagKey& key) {
    if (condition.good()) return;
    require_memory_for(condition);
    char tag[16];
    std::snprintf(tag, sizeof tag, "(%04x,%04x)", key.getGroup(), key.getElement());
    throw Error(Status::internal, std::string("DICOM attribute ") + tag + ": " + condition.text());
  }

  DcmDataset& dataset_;
};

struct Study {
  std::uint64_t seed, content;
  std::int16_t padding;
};

void describe_study(Header& header, const Study& study) {
  header.text(DCM_SOPClassUID, EVR_UI, UID_CTImageStorage);
  header.text(DCM_SpecificCharacterSet, EVR_CS, "ISO_IR 100");
  header.text(DCM_PatientName, EVR_PN, "Phantom^" + std::to_string(study.seed));
  header.text(DCM_PatientID, EVR_LO, "PHANTOM-" + std::to_string(study.seed));
  header.text(DCM_PatientBirthDate, EVR_DA, "");
  header.text(DCM_PatientSex, EVR_CS, "O");
  header.text(DCM_StudyInstanceUID, EVR_UI, uid(study.content, 1));
  header.text(DCM_StudyDate, EVR_DA, date);
  header.text(DCM_StudyTime, EVR_TM, time_of_day);
  header.text(DCM_ReferringPhysicianName, EVR_PN, "");
  header.text(DCM_StudyID, EVR_SH, "1");
  header.text(DCM_AccessionNumber, EVR_SH, "");
  header.text(DCM_StudyDescription, EVR_LO, "Synthetic chest CT, not a patient");
  header.text(DCM_Modality, EVR_CS, "CT");
  header.text(DCM_SeriesInstanceUID, EVR_UI, uid(study.content, 2));
  header.text(DCM_SeriesNumber, EVR_IS, "1");
  header.text(DCM_SeriesDate, EVR_DA, date);
  header.text(DCM_SeriesTime, EVR_TM, time_of_day);
  header.text(DCM_SeriesDescription, EVR_LO, "Phantom, seed " + std::to_string(study.seed));
  header.text(DCM_BodyPartExamined, EVR_CS, "CHEST");
  header.text(DCM_PatientPosition, EVR_CS, "HFS");
  header.text(DCM_FrameOfReferenceUID, EVR_UI, uid(study.content, 3));
  header.text(DCM_PositionReferenceIndicator, EVR_LO, "");
  header.text(DCM_Manufacturer, EVR_LO, "pleura");
  header.text(DCM_ManufacturerModelName, EVR_LO, "pleura phantom");
  header.text(DCM_SoftwareVersions, EVR_LO, version());
}

void describe_image(Header& header, const Study& study, const Geometry& geometry, std::int64_t z) {
  const auto position = geometry.to_world({static_cast<double>(z), 0, 0});
  const auto joined = [](std::initializer_list<double> values) {
    std::string text;
    for (const double value : values) {
      if (!text.empty()) text += '\\';
      text += decimal(value);
    }
    return text;
  };
  const auto &right = geometry.direction[2], &down = geometry.direction[1];
  header.text(DCM_SOPInstanceUID, EVR_UI, uid(study.content, 1000 + static_cast<std::uint64_t>(z)));
  header.text(DCM_ImageType, EVR_CS, "ORIGINAL\\PRIMARY\\AXIAL");
  header.text(DCM_InstanceNumber, EVR_IS, std::to_string(z + 1));
  header.text(DCM_AcquisitionNumber, EVR_IS, "1");
  header.text(DCM_AcquisitionDate, EVR_DA, date);
  header.text(DCM_AcquisitionTime, EVR_TM, time_of_day);
  header.text(DCM_ContentDate, EVR_DA, date);
  header.text(DCM_ContentTime, EVR_TM, time_of_day);
  header.text(DCM_KVP, EVR_DS, "120");
  header.text(DCM_ConvolutionKernel, EVR_SH, "PHANTOM");
  header.text(DCM_ImagePositionPatient, EVR_DS, joined({position[0], position[1], position[2]}));
  header.text(DCM_ImageOrientationPatient, EVR_DS, joined({right[0], right[1], right[2], down[0], down[1], down[2]}));
  header.text(DCM_SliceLocation, EVR_DS, decimal(position[2]));
  header.text(DCM_SliceThickness, EVR_DS, decimal(geometry.spacing[0]));
  header.text(DCM_PixelSpacing, EVR_DS, joined({geometry.spacing[1], geometry.spacing[2]}));
  header.number(DCM_SamplesPerPixel, 1);
  header.text(DCM_PhotometricInterpretation, EVR_CS, "MONOCHROME2");
  header.number(DCM_Rows, geometry.shape[1]);
  header.number(DCM_Columns, geometry.shape[2]);
  header.number(DCM_BitsAllocated, 16);
  header.number(DCM_BitsStored, 16);
  header.number(DCM_HighBit, 15);
  header.number(DCM_PixelRepresentation, 1);
  header.signed_number(DCM_PixelPaddingValue, study.padding - intercept);
  header.text(DCM_RescaleIntercept, EVR_DS, std::to_string(intercept));
  header.text(DCM_RescaleSlope, EVR_DS, "1");
  header.text(DCM_RescaleType, EVR_LO, "HU");
  header.text(DCM_WindowCenter, EVR_DS, "-600");
  header.text(DCM_WindowWidth, EVR_DS, "1500");
}

/// DCMTK fills the meta header by itself, and says nothing where it has no room for a value.
void require_values(DcmMetaInfo& meta) {
  constexpr unsigned long all =
      7;  // group length, version, SOP class and instance, syntax, implementation's UID and name
  bool complete = meta.card() >= all;
  for (unsigned long i = 0; i < meta.card(); ++i) complete = complete && meta.getElement(i)->getLength() > 0;
  if (!complete) throw std::bad_alloc();
}

/// The bytes of a file with so many bytes of pixels.
std::vector<std::byte> bytes_of(DcmFileFormat& file, std::size_t pixels) {
  constexpr std::size_t header = 1 << 16;  // more than all other attributes take
  std::vector<std::byte> bytes(header + pixels);
  DcmOutputBufferStream stream(bytes.data(), static_cast<offile_off_t>(bytes.size()));
  file.transferInit();
  const OFCondition written = file.write(stream, EXS_LittleEndianExplicit, EET_UndefinedLength, nullptr, EGL_recalcGL);
  file.transferEnd();
  require_memory_for(written);
  require_values(*file.getMetaInfo());
  if (written.bad()) throw Error(Status::internal, std::string("DICOM file: ") + written.text());
  void* start = nullptr;
  offile_off_t size = 0;
  stream.flushBuffer(start, size);
  bytes.resize(static_cast<std::size_t>(size));
  return bytes;
}

}  // namespace

void write_dicom(const Phantom& phantom, std::uint64_t seed, const std::filesystem::path& folder) {
  scan::prepare_dcmtk();
  const Geometry& geometry = phantom.volume.geometry;
  const Study study{seed, content_hash(phantom.volume), phantom.volume.hu.front()};
  const auto plane = static_cast<std::size_t>(geometry.shape[1] * geometry.shape[2]);
  std::vector<std::uint16_t> stored(plane);
  for (std::int64_t z = 0; z < geometry.shape[0]; ++z) {
    DcmFileFormat file;
    Header header(*file.getDataset());
    describe_study(header, study);
    describe_image(header, study, geometry, z);
    const std::int16_t* slice = phantom.volume.hu.data() + static_cast<std::size_t>(z) * plane;
    for (std::size_t i = 0; i < plane; ++i) stored[i] = static_cast<std::uint16_t>(slice[i] - intercept);
    header.pixels(stored);
    char name[32];
    std::snprintf(name, sizeof name, "ct_%03d.dcm", static_cast<int>(z + 1));
    files::create_file(folder / name, bytes_of(file, plane * sizeof(std::uint16_t)));
  }
}

}  // namespace pleura::phantom

#else

namespace pleura::phantom {

void write_dicom(const Phantom&, std::uint64_t, const std::filesystem::path&) {
  throw Error(Status::usage, "--format dicom: this pleura is built without DICOM; use --format nifti");
}

}  // namespace pleura::phantom

#endif
