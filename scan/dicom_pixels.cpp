#include "scan/dicom_pixels.hpp"

#include <dcmtk/dcmdata/dcfcache.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <span>

#include "scan/dicom_elements.hpp"
#include "scan/dicom_file.hpp"
#include "scan/dicom_syntax.hpp"
#include "scan/jpeg2000.hpp"
#include "scan/jpeg_stream.hpp"
#include "scan/modality_lut.hpp"
#include "scan/rle.hpp"
#include "scan/text.hpp"

namespace pleura::scan {
namespace {

std::int32_t sign_extended(std::uint32_t value, int bits) {
  const std::uint32_t sign = 1U << (bits - 1);
  return static_cast<std::int32_t>((value ^ sign) - sign);
}

/// A stored value written as US or SS, whichever the file took for it.
std::optional<std::int32_t> stored_value(const Elements& elements, const DcmTagKey& tag, const PixelFormat& format) {
  const auto word = elements.word(tag);
  if (!word) return std::nullopt;
  return format.is_signed ? sign_extended(*word, 16) : *word;
}

PixelFormat format_of(const std::filesystem::path& file, const Elements& elements) {
  PixelFormat format;
  format.rows = elements.word(DCM_Rows).value_or(0);
  format.columns = elements.word(DCM_Columns).value_or(0);
  format.bits_allocated = elements.word(DCM_BitsAllocated).value_or(16);
  format.bits_stored = elements.word(DCM_BitsStored).value_or(format.bits_allocated);
  format.high_bit = elements.word(DCM_HighBit).value_or(format.bits_stored - 1);
  format.is_signed = elements.word(DCM_PixelRepresentation).value_or(0) == 1;
  const bool words = format.bits_allocated == 8 || format.bits_allocated == 16;
  const bool inside =
      format.bits_stored >= 1 && format.high_bit < format.bits_allocated && format.high_bit >= format.bits_stored - 1;
  if (!words || !inside)
    throw dicom_refused(file, std::to_string(format.bits_stored) + " bits stored up to bit " +
                                  std::to_string(format.high_bit) + " of " + std::to_string(format.bits_allocated) +
                                  ", expected them inside 8 or 16");
  if (elements.word(DCM_SamplesPerPixel).value_or(1) != 1)
    throw dicom_refused(file, "colour pixels, expected grey values in HU");
  if (const auto first = stored_value(elements, DCM_PixelPaddingValue, format)) {
    const auto limit = stored_value(elements, DCM_PixelPaddingRangeLimit, format).value_or(*first);
    format.padding = std::minmax(*first, limit);
  }
  return format;
}

/// A frame's compressed bytes, put together from its fragments.
std::vector<std::byte> compressed_frame(const std::filesystem::path& file, const PixelData& pixels,
                                        std::int64_t frame) {
  const auto& first = pixels.first_fragment;
  const unsigned long begin = first[frame];
  const unsigned long end =
      frame + 1 < static_cast<std::int64_t>(first.size()) ? first[frame + 1] : pixels.fragments->card();
  std::vector<std::byte> stream;
  for (unsigned long i = begin; i < end; ++i) {
    DcmPixelItem* fragment = nullptr;
    Uint8* bytes = nullptr;
    if (pixels.fragments->getItem(fragment, i).bad() || fragment->getUint8Array(bytes).bad())
      throw dicom_refused(file, "compressed fragment " + std::to_string(i) + " cannot be read");
    const auto* from = reinterpret_cast<const std::byte*>(bytes);
    if (bytes != nullptr) stream.insert(stream.end(), from, from + fragment->getLength());
  }
  return stream;
}

/// A stream of another size than the data set says would be unpacked all the same before it is found out. Where there
/// is no frame header, DCMTK may look for it for ever: it does not get past the marker TEM.
void require_sound_stream(const std::filesystem::path& file, std::span<const std::byte> stream,
                          const PixelFormat& format) {
  const auto size = jpeg_size(stream);
  if (!size) throw dicom_refused(file, "its JPEG stream has no frame header");
  if (size->rows != format.rows || size->columns != format.columns)
    throw dicom_refused(file, "its JPEG stream holds " + std::to_string(size->rows) + " x " +
                                  std::to_string(size->columns) + " pixels, expected " + std::to_string(format.rows) +
                                  " x " + std::to_string(format.columns));
  if (!has_possible_huffman_tables(stream))
    throw dicom_refused(file, "its JPEG stream has an impossible Huffman table");
}

/// Words of a buffer as DCMTK fills it, in this machine's byte order.
template <typename Word>
std::vector<std::int32_t> widened(const std::vector<std::byte>& buffer, std::int64_t count) {
  std::vector<std::int32_t> values(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    Word word;
    std::memcpy(&word, buffer.data() + i * static_cast<std::int64_t>(sizeof(Word)), sizeof(Word));
    values[i] = word;
  }
  return values;
}

/// The value in the bits stored of a word. Padding may use all bits of the word: a word that is padding stays so.
std::int32_t stored_bits(std::int32_t word, const PixelFormat& format) {
  const auto allocated = static_cast<std::uint32_t>(word) & ((1U << format.bits_allocated) - 1);
  const auto whole =
      format.is_signed ? sign_extended(allocated, format.bits_allocated) : static_cast<std::int32_t>(allocated);
  if (format.padding && whole >= format.padding->first && whole <= format.padding->second) return whole;
  const std::uint32_t bits = allocated >> (format.high_bit + 1 - format.bits_stored) & ((1U << format.bits_stored) - 1);
  return format.is_signed ? sign_extended(bits, format.bits_stored) : static_cast<std::int32_t>(bits);
}

/// DCMTK's decoders read these by the VRs that the file gives them: they get them as they were read here.
void settle(DcmDataset& dataset, const PixelFormat& format, std::int64_t frames) {
  const auto put = [&](const DcmTagKey& tag, std::int64_t value) {
    dataset.putAndInsertUint16(tag, static_cast<Uint16>(value));
  };
  put(DCM_Rows, format.rows);
  put(DCM_Columns, format.columns);
  put(DCM_SamplesPerPixel, 1);
  put(DCM_BitsAllocated, format.bits_allocated);
  put(DCM_BitsStored, format.bits_stored);
  put(DCM_HighBit, format.high_bit);
  put(DCM_PixelRepresentation, format.is_signed ? 1 : 0);
  dataset.putAndInsertString(DCM_NumberOfFrames, std::to_string(frames).c_str());
}

}  // namespace

struct DicomPixels::File {
  std::unique_ptr<DcmFileFormat> format;
  PixelData pixels;
  DcmFileCache cache;
};

DicomPixels::DicomPixels(const InputFile& file, std::int64_t frames)
    : path_(file.path()), file_(std::make_unique<File>()) {
  file_->format = open_dicom(file);
  DcmDataset& dataset = *file_->format->getDataset();
  try {
    file_->pixels = find_pixels(path_, dataset, frames);
    if (file_->pixels.element == nullptr) throw dicom_refused(path_, "no pixel data");
    const Elements elements(dataset, dataset.getOriginalXfer());
    format_ = format_of(path_, elements);
    format_.lut = modality_lut_of(elements, format_.is_signed);
    settle(dataset, format_, frames);
  } catch (const UnreadableElement& error) {
    throw dicom_refused(path_, error.what());
  }
}

DicomPixels::~DicomPixels() = default;

std::vector<std::int32_t> DicomPixels::frame(std::int64_t index) {
  DcmDataset& dataset = *file_->format->getDataset();
  const PixelData& pixels = file_->pixels;
  // Pixels may lie uncompressed in a data set of a compressed syntax.
  const E_TransferSyntax syntax = pixels.fragments != nullptr ? dataset.getOriginalXfer() : EXS_LittleEndianExplicit;
  const std::int64_t count = format_.rows * format_.columns;
  std::vector<std::int32_t> values;
  if (syntax == EXS_JPEG2000LosslessOnly || syntax == EXS_JPEG2000) {
    values = decode_jpeg2000(compressed_frame(path_, pixels, index), format_.rows, format_.columns,
                             path_.string() + ": " + transfer_syntax_name(declared_syntax(*file_->format)));
  } else if (syntax == EXS_RLELossless) {
    values = decode_rle(compressed_frame(path_, pixels, index), count, format_.bits_allocated / 8, path_.string());
  } else {
    const std::int64_t bytes = count * format_.bits_allocated / 8;
    std::vector<std::byte> buffer(static_cast<std::size_t>(bytes + bytes % 2));
    if (pixels.fragments != nullptr) require_sound_stream(path_, compressed_frame(path_, pixels, index), format_);
    Uint32 fragment = pixels.fragments != nullptr ? pixels.first_fragment[index] : 0;
    OFString colour_model;
    const OFCondition decoded =
        pixels.element->getUncompressedFrame(&dataset, static_cast<Uint32>(index), fragment, buffer.data(),
                                             static_cast<Uint32>(buffer.size()), colour_model, &file_->cache);
    if (decoded == EC_MemoryExhausted) throw std::bad_alloc();
    if (decoded.bad())
      throw dicom_refused(path_, "frame " + std::to_string(index + 1) + " (" + DcmXfer(syntax).getXferName() +
                                     ") cannot be decoded: " + decoded.text());
    values = format_.bits_allocated == 8 ? widened<Uint8>(buffer, count) : widened<Uint16>(buffer, count);
  }
  for (auto& value : values) value = stored_bits(value, format_);
  return values;
}

}  // namespace pleura::scan
