#pragma once
/// What the headers of one DICOM file say, in plain C++: DCMTK stays behind dicom_header.cpp and dicom_pixels.cpp.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pleura/volume.hpp"
#include "scan/input_file.hpp"

namespace pleura::scan {

/// One slice: of a single-frame file the file's own attributes, of a multi-frame file its functional groups.
struct DicomFrame {
  std::optional<Point3> position;  ///< ImagePositionPatient: centre of the first pixel
  std::optional<std::array<Point3, 2>>
      orientation;  ///< ImageOrientationPatient: along rising column index, along rising row index
  std::optional<std::array<double, 2>> spacing;  ///< PixelSpacing: from row to row, from column to column
  double slope = 1, intercept = 0;
  std::string rescale_type;
};

struct DicomImage {
  InputFile file;
  std::string series_uid, study_uid, sop_class_uid, modality, description, body_part, protocol, study_description;
  std::string photometric, transfer_syntax;
  std::vector<std::string> image_type;
  long series_number = 0;
  std::int64_t rows = 0, columns = 0, samples_per_pixel = 1;
  bool has_pixels = false;
  bool lossy = false;  ///< LossyImageCompression
  std::optional<double> gantry_tilt;
  std::vector<DicomFrame> frames;
};

}  // namespace pleura::scan
