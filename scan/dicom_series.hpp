#pragma once
/// DICOM files to series, each one a source.
#include <vector>

#include "scan/input_file.hpp"
#include "scan/source.hpp"

namespace pleura::scan {

/// Reads the headers of DICOM files, on the threads and in the memory of `options`, and groups them into series. Files
/// that cannot be read, and slices without pixels, go to `refused`. Where pleura was built without DICOM every file
/// does.
[[nodiscard]] std::vector<Source> dicom_sources(const std::vector<InputFile>& files, const ReadOptions& options,
                                                std::vector<RefusedFile>& refused);

}  // namespace pleura::scan
