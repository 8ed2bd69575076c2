#include "scan/dicom_file.hpp"

#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmjpeg/djdecode.h>
#include <dcmtk/dcmjpls/djdecode.h>
#include <dcmtk/oflog/oflog.h>

#include <algorithm>
#include <array>
#include <new>
#include <vector>

#include "scan/dicom_dictionary.hpp"
#include "scan/dicom_elements.hpp"
#include "scan/dicom_stream.hpp"
#include "scan/dicom_syntax.hpp"
#include "scan/inflate.hpp"
#include "scan/text.hpp"
#include "scan/unpack.hpp"

namespace pleura::scan {

namespace {

/// Fills DCMTK's registries. Its dictionary is loaded by the first call that asks for it, under a lock, by code that
/// survives no failed allocation: so there must be room for it before.
void fill_registries() {
  constexpr std::size_t dictionary_bytes = 16 << 20;
  ::operator delete(::operator new(dictionary_bytes));
  OFLog::configure(OFLogger::OFF_LOG_LEVEL);  // what went wrong is said in our own words
  DJDecoderRegistration::registerCodecs(EDC_never);
  DJLSDecoderRegistration::registerCodecs();
  add_elements(dcmDataDict.wrlock());
  dcmDataDict.wrunlock();
}

}  // namespace

// DCMTK's registries are global: filled once, before any thread decodes, and never emptied. Where that fails DCMTK may
// hold a lock for ever: it is not called again.
void prepare_dcmtk() {
  static const bool prepared = [] {
    try {
      fill_registries();
      return true;
    } catch (const std::bad_alloc&) {
      return false;
    }
  }();
  if (!prepared) throw std::bad_alloc();
}

namespace {

/// Whether a fragment begins a JPEG, JPEG-LS or JPEG 2000 code stream.
bool begins_frame(DcmPixelItem& fragment) {
  std::array<Uint8, 2> marker{};
  Uint8* bytes = nullptr;
  if (fragment.getLength() < marker.size() || fragment.getUint8Array(bytes).bad() || bytes == nullptr) return false;
  std::copy_n(bytes, marker.size(), marker.begin());
  return marker[0] == 0xFF && (marker[1] == 0xD8 || marker[1] == 0x4F);
}

/// Uncompressed pixels under another VR than OB and OW, UN above all, as DCMTK takes them. The data set owns them.
DcmPixelData* as_words(DcmDataset& dataset) {
  const auto words = Elements(dataset, dataset.getOriginalXfer()).all_words(DCM_PixelData);
  auto pixels = std::make_unique<DcmPixelData>(DCM_PixelData);
  pixels->setVR(EVR_OW);
  if (DcmXfer(dataset.getOriginalXfer()).isEncapsulated() || pixels->putUint16Array(words.data(), words.size()).bad() ||
      dataset.insert(pixels.get(), OFTrue).bad())
    throw UnreadableElement("its pixel data are of an unknown form");
  return pixels.release();
}

/// First fragments by the offset table: a frame's offset counts from the first fragment's item tag.
std::vector<Uint32> by_offset_table(DcmPixelSequence& fragments, std::int64_t frames) {
  DcmPixelItem* table = nullptr;
  Uint32* offsets = nullptr;
  if (fragments.getItem(table, 0).bad() || static_cast<std::int64_t>(table->getLength()) < 4 * frames ||
      table->getUint32Array(offsets).bad() || offsets == nullptr)
    return {};
  std::vector<Uint32> first;
  std::uint64_t position = 0;
  for (unsigned long i = 1; i < fragments.card() && static_cast<std::int64_t>(first.size()) < frames; ++i) {
    DcmPixelItem* fragment = nullptr;
    if (fragments.getItem(fragment, i).bad()) return {};
    if (position == offsets[first.size()]) first.push_back(static_cast<Uint32>(i));
    position += 8 + fragment->getLength();
  }
  return first;
}

std::vector<Uint32> by_markers(DcmPixelSequence& fragments) {
  std::vector<Uint32> first;
  for (unsigned long i = 1; i < fragments.card(); ++i) {
    DcmPixelItem* fragment = nullptr;
    if (fragments.getItem(fragment, i).good() && begins_frame(*fragment)) first.push_back(static_cast<Uint32>(i));
  }
  return first;
}

std::vector<Uint32> first_fragments(DcmPixelSequence& fragments, std::int64_t frames) {
  const auto count = static_cast<std::int64_t>(fragments.card()) - 1;
  if (count < frames) return {};
  if (frames == 1) return {1};
  if (count == frames) {
    std::vector<Uint32> first(frames);
    for (std::int64_t i = 0; i < frames; ++i) first[i] = static_cast<Uint32>(i + 1);
    return first;
  }
  auto first = by_offset_table(fragments, frames);
  return static_cast<std::int64_t>(first.size()) == frames ? first : by_markers(fragments);
}

/// What the next bytes of a stream are; they stay in it.
std::string peek(DcmInputStream& stream, std::size_t count) {
  std::string bytes(count, '\0');
  stream.mark();
  bytes.resize(static_cast<std::size_t>(stream.read(bytes.data(), static_cast<offile_off_t>(count))));
  stream.putback();
  return bytes;
}

OFCondition read_whole(DcmObject& object, DcmInputStream& stream, E_TransferSyntax syntax) {
  object.transferInit();
  const OFCondition read = object.read(stream, syntax);
  object.transferEnd();
  return read;
}

/// Unpacks a deflated data set without keeping it: DCMTK would hold all that comes out.
void require_bounded(const InputFile& file, std::int64_t offset, std::int64_t most_held) {
  const std::int64_t most = most_unpacked(file.size() / 2, std::int64_t{64} << 20, std::int64_t{2} << 30);
  StreamReader reader(file, offset, true, StreamReader::raw_deflate);
  std::array<std::byte, 1 << 15> scratch{};
  std::int64_t unpacked = 0;
  for (std::size_t got = scratch.size(); got == scratch.size();) {
    got = reader.read(scratch);
    unpacked += static_cast<std::int64_t>(got);
    if (unpacked > most)
      throw dicom_refused(file.path(),
                          "a deflated data set of more than " + std::to_string(most >> 20) + " MiB once unpacked");
    if (unpacked > most_held)
      throw Error(Status::resources, file.path().string() + ": a deflated data set of more than the " +
                                         std::to_string(most_held >> 20) +
                                         " MiB that a thread may use (--memory, memory_bytes)");
  }
}

/// The header, then the data set in the syntax in which it truly lies.
std::unique_ptr<DcmFileFormat> read_dicom(const InputFile& file, DcmInputStream& stream, std::int64_t most_held) {
  auto format = std::make_unique<DcmFileFormat>();
  OFCondition read = stream.status();
  if (read.good()) read = read_whole(*format->getMetaInfo(), stream, EXS_Unknown);
  if (read.good()) {
    E_TransferSyntax syntax = EXS_Unknown;
    if (const std::string uid = declared_syntax(*format); !uid.empty()) {
      syntax = readable_syntax(uid);
      if (syntax == EXS_Unknown) {
        const std::string name = transfer_syntax_name(uid);
        throw dicom_refused(file.path(),
                            "transfer syntax " + (name.empty() ? uid : name + " (" + uid + ")") + " is not read");
      }
      if (syntax == EXS_DeflatedLittleEndianExplicit) require_bounded(file, stream.tell(), most_held);
      syntax = true_syntax(peek(stream, 8), syntax);
    }
    read = read_whole(*format->getDataset(), stream, syntax);
  }
  if (read == EC_MemoryExhausted) throw std::bad_alloc();
  if (stream.status().bad())
    throw dicom_refused(file.path(), std::string("cannot be read (") + stream.status().text() + ")");
  if (read.bad())
    throw dicom_refused(file.path(), std::string("truncated or damaged DICOM file (") + read.text() + ")");
  return format;
}

}  // namespace

std::string declared_syntax(DcmFileFormat& format) {
  return Elements(*format.getMetaInfo(), EXS_LittleEndianExplicit).text(DCM_TransferSyntaxUID);
}

std::unique_ptr<DcmFileFormat> open_dicom(const InputFile& file, std::int64_t most_held) {
  prepare_dcmtk();
  DicomStream stream(file);
  return read_dicom(file, stream, most_held);
}

PixelData find_pixels(const std::filesystem::path& file, DcmDataset& dataset, std::int64_t frames) {
  PixelData pixels;
  DcmElement* element = nullptr;
  if (dataset.findAndGetElement(DCM_PixelData, element).bad()) return pixels;
  pixels.element = dynamic_cast<DcmPixelData*>(element);
  if (pixels.element == nullptr) {
    pixels.element = as_words(dataset);
    return pixels;
  }
  E_TransferSyntax syntax = EXS_Unknown;
  const DcmRepresentationParameter* parameter = nullptr;
  pixels.element->getOriginalRepresentationKey(syntax, parameter);
  if (!DcmXfer(syntax).isEncapsulated()) return pixels;
  if (pixels.element->getEncapsulatedRepresentation(syntax, parameter, pixels.fragments).bad() ||
      pixels.fragments == nullptr)
    throw dicom_refused(file, "its compressed pixel data cannot be read");
  pixels.first_fragment = first_fragments(*pixels.fragments, frames);
  if (static_cast<std::int64_t>(pixels.first_fragment.size()) != frames)
    throw dicom_refused(file, counted(static_cast<long long>(pixels.fragments->card()) - 1, "compressed fragment") +
                                  " for " + counted(frames, "frame") + ", no telling which belong together");
  return pixels;
}

}  // namespace pleura::scan
