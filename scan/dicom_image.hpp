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
  bool operator==(const DicomFrame&) const = default;
};

/// An attribute that may tell two stacks of one series apart, and its value; empty where it is absent.
struct Trait {
  const char* name = "";
  std::string value;
};

struct DicomImage {
  InputFile file;
  std::string name;   ///< the file below its series' common folder
  Provenance origin;  ///< without slices and axes, which the series knows
  std::string sop_instance_uid, sop_class_uid, modality, body_part, protocol, study_description;
  std::string photometric, transfer_syntax;
  std::vector<std::string> image_type;
  std::vector<Trait> traits;     ///< the same in every image, in the order in which they are tried
  std::string acquisition_time;  ///< HHMMSS.FFFFFF
  std::int64_t series_number = 0, instance_number = 0;
  std::int64_t rows = 0, columns = 0, samples_per_pixel = 1;
  bool has_pixels = false;
  bool lossy = false;           ///< LossyImageCompression
  std::int64_t held_bytes = 0;  ///< of its pixels, that decoding keeps in memory: all where they are compressed
  std::optional<double> gantry_tilt;
  std::vector<DicomFrame> frames;
  std::string fault;  ///< an element that cannot be read; frames may be absent then
  std::vector<std::string> warnings;
};

}  // namespace pleura::scan
