/// One DICOM file: its headers, then the pixels of its first frames.
#include "scan/dicom_header.hpp"
#include "scan/dicom_pixels.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace pleura;

PLEURA_FUZZ_TARGET {
  const auto file = fuzz::in_memory("a.dcm", fuzz::bytes_of(data));
  const auto image = scan::read_dicom_header(file);
  if (!image || !image->has_pixels) return;
  const auto frames = static_cast<std::int64_t>(image->frames.size());
  scan::DicomPixels pixels(file, frames);
  for (std::int64_t frame = 0; frame < std::min<std::int64_t>(frames, 3); ++frame)
    fuzz::expect_read_or_refused([&] { (void)pixels.frame(frame); });
}
