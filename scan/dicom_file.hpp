#pragma once
/// A DICOM file open through DCMTK, its pixels not loaded yet. For .cpp files alone: it brings DCMTK's headers.
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include <filesystem>
#include <memory>
#include <string>

#include "pleura/error.hpp"
#include "scan/input_file.hpp"
#include "scan/unpack.hpp"

namespace pleura::scan {

/// Silences DCMTK, registers its codecs and the elements that pleura reads: once, before any thread reads a file.
/// Throws bad_alloc where memory ran out, then and from then on.
void prepare_dcmtk();

/// Opens a file; prepares DCMTK before. A data set in another uncompressed transfer syntax than its header declares is
/// read as it lies. Throws input_refused, for a transfer syntax that is not read by its name; resources for a deflated
/// data set, which DCMTK holds whole, of more than `most_held` bytes.
[[nodiscard]] std::unique_ptr<DcmFileFormat> open_dicom(const InputFile& file, std::int64_t most_held = no_bound);

/// The UID of the transfer syntax that the header declares; empty where there is no header.
[[nodiscard]] std::string declared_syntax(DcmFileFormat& format);

[[nodiscard]] inline Error dicom_refused(const std::filesystem::path& file, const std::string& why) {
  return {Status::input_refused, file.string() + ": " + why};
}

/// A pixel data element and where each frame begins.
struct PixelData {
  DcmPixelData* element = nullptr;  ///< owned by the file
  DcmPixelSequence* fragments =
      nullptr;  ///< compressed pixels as they lie in the file; absent where they are not compressed
  std::vector<Uint32> first_fragment;  ///< per frame, where compressed; item 0 is the offset table
};

/// The pixel data of a data set with that many frames; element is null where there is none. Throws input_refused where
/// the frames cannot be told apart or are fewer than announced, UnreadableElement where they are not pixel data.
[[nodiscard]] PixelData find_pixels(const std::filesystem::path& file, DcmDataset& dataset, std::int64_t frames);

}  // namespace pleura::scan
