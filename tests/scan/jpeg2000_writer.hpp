#pragma once
/// JPEG 2000 streams for tests, encoded by OpenJPEG.
#include <cstdint>
#include <filesystem>
#include <string>

namespace pleura::scan::test {

/// A slice of dicom_writer's phantom in samples of `precision` bits, lossless; by way of a scratch file.
[[nodiscard]] std::string encode_jpeg2000(std::int64_t slice, int precision, const std::filesystem::path& scratch);

}  // namespace pleura::scan::test
