/// A series of twelve slices in memory, elements of which are changed: each change is a slice (or all), an element out
/// of those that tell slices and stacks apart, and its text.
#include "scan/dicom_series.hpp"

#include <fuzzer/FuzzedDataProvider.h>

#include "tests/fuzz/dicom_frame.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/scan/dicom_writer.hpp"

using namespace pleura;

namespace {

constexpr int slices = 12;

const std::array elements{DCM_ImagePositionPatient,
                          DCM_ImageOrientationPatient,
                          DCM_PixelSpacing,
                          DCM_SliceThickness,
                          DCM_RescaleSlope,
                          DCM_RescaleIntercept,
                          DCM_InstanceNumber,
                          DCM_AcquisitionNumber,
                          DCM_SOPInstanceUID,
                          DCM_SeriesInstanceUID,
                          DCM_StudyInstanceUID,
                          DCM_ImageType,
                          DCM_ConvolutionKernel,
                          DCM_GantryDetectorTilt,
                          DCM_Modality,
                          DCM_AcquisitionTime,
                          DCM_PixelPaddingValue,
                          DCM_Rows,
                          DCM_Columns,
                          DCM_BitsStored,
                          DCM_NumberOfFrames,
                          DCM_SeriesNumber,
                          DCM_PatientID,
                          DCM_RescaleType,
                          DCM_SpecificCharacterSet,
                          DCM_PatientOrientation,
                          DCM_PixelData};

void change(DcmDataset& dataset, const DcmTagKey& element, const std::string& text, int kind) {
  if (kind == 0) {
    delete dataset.remove(element);
  } else if (kind == 1 && !text.empty()) {
    dataset.putAndInsertUint16(element, static_cast<Uint16>(text[0]));
  } else {
    dataset.putAndInsertOFStringArray(element, OFString(text.data(), text.size()));
  }
}

}  // namespace

PLEURA_FUZZ_TARGET {
  static const std::vector<DcmFileFormat> sound = [] {
    std::vector<DcmFileFormat> files;
    for (int slice = 0; slice < slices; ++slice) files.push_back(scan::test::make_slice(slice, 2.5 * slice));
    return files;
  }();
  FuzzedDataProvider in(data.data(), data.size());
  auto files = sound;
  while (in.remaining_bytes() > 0) {
    const int slice = in.ConsumeIntegralInRange(0, slices);
    const auto& element = elements[in.ConsumeIntegralInRange<std::size_t>(0, elements.size() - 1)];
    const int kind = in.ConsumeIntegralInRange(0, 5);
    const auto text = in.ConsumeRandomLengthString(64);
    for (int i = 0; i < slices; ++i)
      if (slice == slices || slice == i) change(*files[i].getDataset(), element, text, kind);
  }
  auto memory = std::make_shared<scan::FilesInMemory>();
  for (int i = 0; i < slices; ++i)
    memory->emplace("IM" + std::to_string(i * 7 % 100), fuzz::written(files[i], EXS_LittleEndianExplicit));
  std::vector<scan::InputFile> series;
  for (const auto& [name, bytes] : *memory) series.emplace_back(name, memory);
  std::vector<RefusedFile> refused;
  ReadOptions options;
  options.threads = 1;
  for (auto& source : scan::dicom_sources(series, options, refused))
    if (source.report.refused.empty()) fuzz::expect_read_or_refused([&] { (void)source.read(options); });
}
