#pragma once
/// The pixels of a DICOM file, frame by frame, whatever its transfer syntax.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "scan/input_file.hpp"

namespace pleura::scan {

/// A table from stored values to HU in place of slope and intercept.
struct ModalityLut {
  std::int32_t first = 0;        ///< the stored value that the first entry is for
  std::vector<std::int16_t> hu;  ///< stored values below and above the table read its first and last entry

  [[nodiscard]] std::int16_t operator()(std::int32_t stored) const {
    const auto last = static_cast<std::int32_t>(hu.size()) - 1;
    return hu[static_cast<std::size_t>(std::clamp(stored - first, 0, last))];
  }
};

/// How the stored values lie in their words, and what they mean.
struct PixelFormat {
  std::int64_t rows = 0, columns = 0;
  int bits_allocated = 16, bits_stored = 16, high_bit = 15;
  bool is_signed = false;
  std::optional<std::pair<std::int32_t, std::int32_t>>
      padding;  ///< lowest and highest stored value that means 'no pixel'
  std::optional<ModalityLut> lut;
};

/// One open file. A thread needs its own.
class DicomPixels {
 public:
  /// Throws input_refused where there are no pixels or not grey ones of 8 or 16 bits.
  DicomPixels(const InputFile& file, std::int64_t frames);
  ~DicomPixels();
  DicomPixels(const DicomPixels&) = delete;
  DicomPixels& operator=(const DicomPixels&) = delete;

  [[nodiscard]] const PixelFormat& format() const { return format_; }

  /// The stored values (rows x columns) of a frame: the bits stored, sign-extended, before any rescaling. Throws
  /// input_refused.
  [[nodiscard]] std::vector<std::int32_t> frame(std::int64_t index);

 private:
  struct File;
  std::filesystem::path path_;
  std::unique_ptr<File> file_;
  PixelFormat format_;
};

}  // namespace pleura::scan
