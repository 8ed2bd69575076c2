#pragma once
/// A DICOM series that is several stacks: reconstructions or acquisitions filed under one UID.
#include <string>
#include <vector>

#include "scan/dicom_image.hpp"
#include "scan/dicom_stack.hpp"

namespace pleura::scan {

struct Part {
  std::vector<DicomImage> images;
  Stack stack;
  std::string what;  ///< the attributes that set it apart and their values; empty where the series is one part
};

/// Splits a series where one of its images' traits, or the time of acquisition where it forms clusters, makes parts
/// that are each an even stack over about the same range; else the series is one part, with a warning where its slices
/// differ in how they were made.
[[nodiscard]] std::vector<Part> parts_of(std::vector<DicomImage> images);

}  // namespace pleura::scan
