/// The codecs behind DICOM, closer than whole files get: the first byte chooses the syntax, the next the format of a
/// sound data set, the rest is one compressed frame. JPEG by DCMTK, JPEG-LS, JPEG 2000 and RLE.
#include "tests/fuzz/dicom_frame.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcostrmb.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmdata/dctk.h>

#include "scan/dicom_pixels.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace pleura;

PLEURA_FUZZ_TARGET {
  const auto syntax = fuzz::frame_syntaxes[fuzz::take_byte(data) % fuzz::frame_syntaxes.size()];
  const auto format = fuzz::take_byte(data);
  if (data.empty()) return;
  const bool word = (format & 1) != 0;
  DcmFileFormat file;
  DcmDataset& dataset = *file.getDataset();
  dataset.putAndInsertString(DCM_SOPClassUID, UID_CTImageStorage);
  dataset.putAndInsertString(DCM_SOPInstanceUID, "1.2.3");
  dataset.putAndInsertString(DCM_PhotometricInterpretation, "MONOCHROME2");
  const auto put = [&](const DcmTagKey& tag, int value) {
    dataset.putAndInsertUint16(tag, static_cast<Uint16>(value));
  };
  put(DCM_SamplesPerPixel, 1);
  put(DCM_Rows, fuzz::frame_side);
  put(DCM_Columns, fuzz::frame_side);
  put(DCM_BitsAllocated, word ? 16 : 8);
  put(DCM_BitsStored, word ? 12 : 8);
  put(DCM_HighBit, word ? 11 : 7);
  put(DCM_PixelRepresentation, format >> 1 & 1);
  std::vector<Uint8> frame(data.begin(), data.end());
  if (frame.size() % 2 != 0) frame.push_back(0);
  auto* item = new DcmPixelItem(DCM_PixelItemTag);
  item->putUint8Array(frame.data(), frame.size());
  auto* sequence = new DcmPixelSequence(DCM_PixelSequenceTag);
  sequence->insert(new DcmPixelItem(DCM_PixelItemTag));
  sequence->insert(item);
  auto* pixel_data = new DcmPixelData(DCM_PixelData);
  pixel_data->putOriginalRepresentation(syntax, nullptr, sequence);
  dataset.insert(pixel_data, OFTrue);
  const auto whole = fuzz::in_memory("a.dcm", fuzz::written(file, syntax));
  scan::DicomPixels pixels(whole, 1);
  (void)pixels.frame(0);
}
