#pragma once
/// What the targets of DICOM and their seeds agree on.
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcostrmb.h>
#include <dcmtk/dcmdata/dctk.h>

#include <array>
#include <vector>

#include "scan/input_file.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace pleura::fuzz {

/// By the first byte of an input of dicom_frame.
inline constexpr std::array frame_syntaxes{EXS_JPEGProcess1,         EXS_JPEGProcess2_4, EXS_JPEGProcess10_12,
                                           EXS_JPEGProcess14SV1,     EXS_JPEGLSLossless, EXS_JPEGLSLossy,
                                           EXS_JPEG2000LosslessOnly, EXS_RLELossless};

inline constexpr int frame_side = 16;

/// A DICOM file's bytes.
inline scan::Bytes written(DcmFileFormat& file, E_TransferSyntax syntax) {
  std::vector<char> buffer(1 << 20);
  DcmOutputBufferStream out(buffer.data(), static_cast<offile_off_t>(buffer.size()));
  file.transferInit();
  const OFCondition status = file.write(out, syntax, EET_UndefinedLength, nullptr);
  file.transferEnd();
  if (status.bad()) throw Error(Status::input_refused, "a.dcm: cannot be written");
  void* begin = nullptr;
  offile_off_t size = 0;
  out.flushBuffer(begin, size);
  const auto* bytes = static_cast<const std::byte*>(begin);
  return {bytes, bytes + size};
}

}  // namespace pleura::fuzz
